package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"
)

const (
	tokenHours   = 12
	maxBodyBytes = 1 << 16
	maxTasks     = 1000 // per user
	maxUsers     = 10000
)

type task struct {
	ID   int    `json:"id"`
	Text string `json:"text"`
}

type api struct {
	settings settings
	mutex    sync.Mutex
	tasks    map[string][]task
	lastID   int
}

func newHandler(s settings, assets string) http.Handler {
	a := &api{settings: s, tasks: map[string][]task{}}
	mux := http.NewServeMux()
	mux.Handle("/", http.FileServer(http.Dir(assets)))
	mux.HandleFunc("/api/status", a.status)
	mux.HandleFunc("/api/login", a.login)
	mux.HandleFunc("/api/tasks", a.list)
	return mux
}

func answer(w http.ResponseWriter, code int, value interface{}) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	json.NewEncoder(w).Encode(value)
}

func refuse(w http.ResponseWriter, code int, why string) {
	answer(w, code, map[string]string{"error": why})
}

func (a *api) status(w http.ResponseWriter, _ *http.Request) {
	state := "on"
	if a.settings.jwtSecret == "" {
		state = "off: JWT_SECRET is not set"
	}
	answer(w, http.StatusOK, map[string]string{
		"version": version, "api": state, "database": a.settings.databaseState()})
}

// A name is enough to log in: whoever wants passwords puts a login service in front.
func (a *api) login(w http.ResponseWriter, r *http.Request) {
	if a.settings.jwtSecret == "" {
		refuse(w, http.StatusServiceUnavailable, "JWT_SECRET is not set")
		return
	}
	var body struct {
		User string `json:"user"`
	}
	if !read(w, r, &body) {
		return
	}
	if body.User == "" || len(body.User) > 100 {
		refuse(w, http.StatusBadRequest, "a user has a name of 1 to 100 bytes")
		return
	}
	token, err := makeToken(a.settings.jwtSecret, body.User, time.Now().Add(tokenHours*time.Hour))
	if err != nil {
		refuse(w, http.StatusInternalServerError, "no token could be made")
		return
	}
	answer(w, http.StatusOK, map[string]string{"token": token})
}

func (a *api) list(w http.ResponseWriter, r *http.Request) {
	if a.settings.jwtSecret == "" {
		refuse(w, http.StatusServiceUnavailable, "JWT_SECRET is not set")
		return
	}
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	user, err := checkToken(a.settings.jwtSecret, token, time.Now())
	if err != nil {
		refuse(w, http.StatusUnauthorized, err.Error())
		return
	}
	switch r.Method {
	case http.MethodGet:
		a.mutex.Lock()
		tasks := append([]task{}, a.tasks[user]...)
		a.mutex.Unlock()
		answer(w, http.StatusOK, tasks)
	case http.MethodPost:
		a.add(w, r, user)
	default:
		refuse(w, http.StatusMethodNotAllowed, "GET or POST")
	}
}

func (a *api) add(w http.ResponseWriter, r *http.Request, user string) {
	var body task
	if !read(w, r, &body) {
		return
	}
	a.mutex.Lock()
	defer a.mutex.Unlock()
	_, known := a.tasks[user]
	if body.Text == "" || len(a.tasks[user]) >= maxTasks || (!known && len(a.tasks) >= maxUsers) {
		refuse(w, http.StatusBadRequest, "no text, or too many tasks")
		return
	}
	a.lastID++
	body.ID = a.lastID
	a.tasks[user] = append(a.tasks[user], body)
	answer(w, http.StatusCreated, body)
}

func read(w http.ResponseWriter, r *http.Request, value interface{}) bool {
	if r.Method != http.MethodPost {
		refuse(w, http.StatusMethodNotAllowed, "POST")
		return false
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBodyBytes)).Decode(value); err != nil {
		refuse(w, http.StatusBadRequest, "the body is not the JSON that is wanted")
		return false
	}
	return true
}
