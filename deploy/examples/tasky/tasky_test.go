package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func send(h http.Handler, method, path, token, body string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, path, strings.NewReader(body))
	request.Header.Set("Authorization", "Bearer "+token)
	recorder := httptest.NewRecorder()
	h.ServeHTTP(recorder, request)
	return recorder
}

func TestTasksBelongToTheirUser(t *testing.T) {
	h := newHandler(settings{jwtSecret: "s"}, "assets")
	tokens := map[string]string{}
	for _, user := range []string{"ann", "bob"} {
		got := send(h, "POST", "/api/login", "", `{"user":"`+user+`"}`)
		var body struct{ Token string }
		if err := json.Unmarshal(got.Body.Bytes(), &body); err != nil || body.Token == "" {
			t.Fatal(got.Code, got.Body)
		}
		tokens[user] = body.Token
	}
	if got := send(h, "POST", "/api/tasks", tokens["ann"], `{"text":"one"}`); got.Code != http.StatusCreated {
		t.Fatal(got.Code, got.Body)
	}
	if got := send(h, "GET", "/api/tasks", tokens["ann"], "").Body.String(); !strings.Contains(got, "one") {
		t.Fatal(got)
	}
	if got := strings.TrimSpace(send(h, "GET", "/api/tasks", tokens["bob"], "").Body.String()); got != "[]" {
		t.Fatal(got)
	}
}

func TestWithoutASecretOnlyPagesAreServed(t *testing.T) {
	h := newHandler(settings{}, "assets")
	if got := send(h, "GET", "/", "", ""); got.Code != http.StatusOK || !strings.Contains(got.Body.String(), "Tasky") {
		t.Fatal(got.Code)
	}
	if got := send(h, "POST", "/api/login", "", `{"user":"x"}`); got.Code != http.StatusServiceUnavailable {
		t.Fatal(got.Code)
	}
	if got := send(h, "GET", "/api/status", "", "").Body.String(); !strings.Contains(got, "JWT_SECRET is not set") {
		t.Fatal(got)
	}
}

func TestTokensOfOthersAreRefused(t *testing.T) {
	now := time.Unix(1000, 0)
	good, err := makeToken("s", "ann", now.Add(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	if user, err := checkToken("s", good, now); err != nil || user != "ann" {
		t.Fatal(user, err)
	}
	for _, bad := range []string{"", "a.b.c", good + "x", strings.ToUpper(good), "e30." + good} {
		if _, err := checkToken("s", bad, now); err == nil {
			t.Error(bad)
		}
	}
	if _, err := checkToken("other", good, now); err == nil {
		t.Error("another secret")
	}
	if _, err := checkToken("s", good, now.Add(time.Second)); err == nil {
		t.Error("expired")
	}
}
