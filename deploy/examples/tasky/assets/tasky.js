"use strict";

let token = "";

async function call(path, body) {
  const options = { headers: { Authorization: "Bearer " + token } };
  if (body) Object.assign(options, { method: "POST", body: JSON.stringify(body) });
  const response = await fetch("/api/" + path, options);
  const value = await response.json();
  document.getElementById("status").textContent = response.ok ? "" : value.error;
  if (!response.ok) throw new Error(value.error);
  return value;
}

async function show() {
  const list = document.getElementById("tasks");
  list.replaceChildren();
  for (const task of await call("tasks")) {
    const item = document.createElement("li");
    item.textContent = task.text;
    list.append(item);
  }
}

document.getElementById("login").addEventListener("submit", async (event) => {
  event.preventDefault();
  token = (await call("login", { user: document.getElementById("user").value })).token;
  document.getElementById("login").hidden = true;
  document.getElementById("add").hidden = false;
  await show();
});

document.getElementById("add").addEventListener("submit", async (event) => {
  event.preventDefault();
  await call("tasks", { text: document.getElementById("text").value });
  event.target.reset();
  await show();
});
