package main

import (
	"net"
	"net/url"
	"time"
)

const probeSeconds = 2

type settings struct {
	jwtSecret string
	mongoURI  string
}

func readSettings(getenv func(string) string) settings {
	return settings{jwtSecret: getenv("JWT_SECRET"), mongoURI: getenv("MONGODB_URI")}
}

// What the log says at start about what is not set. Never a value: both are secrets.
func (s settings) notes() []string {
	var lines []string
	if s.jwtSecret == "" {
		lines = append(lines, "JWT_SECRET is not set: pages are served, the API is off")
	}
	if s.mongoURI == "" {
		lines = append(lines, "MONGODB_URI is not set")
	}
	return append(lines, "tasks are kept in memory")
}

// "unset", "bad", "unreachable" or "reachable".
func (s settings) databaseState() string {
	if s.mongoURI == "" {
		return "unset"
	}
	uri, err := url.Parse(s.mongoURI)
	if err != nil || uri.Hostname() == "" {
		return "bad"
	}
	port := uri.Port()
	if port == "" {
		port = "27017"
	}
	conn, err := net.DialTimeout("tcp", net.JoinHostPort(uri.Hostname(), port), probeSeconds*time.Second)
	if err != nil {
		return "unreachable"
	}
	conn.Close()
	return "reachable"
}
