package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"
)

// JSON web tokens with HS256 (RFC 7519), and no other algorithm.

var errToken = errors.New("the token is not valid")

const header = `{"alg":"HS256","typ":"JWT"}`

type claims struct {
	Subject string `json:"sub"`
	Expires int64  `json:"exp"`
}

func signature(secret, text string) []byte {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

func makeToken(secret, subject string, expires time.Time) (string, error) {
	body, err := json.Marshal(claims{Subject: subject, Expires: expires.Unix()})
	if err != nil {
		return "", err
	}
	encode := base64.RawURLEncoding.EncodeToString
	text := encode([]byte(header)) + "." + encode(body)
	return text + "." + encode(signature(secret, text)), nil
}

// The subject of a token that we made and that has not expired.
func checkToken(secret, token string, now time.Time) (string, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return "", errToken
	}
	head, err := base64.RawURLEncoding.DecodeString(parts[0])
	if err != nil || string(head) != header {
		return "", errToken
	}
	given, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || !hmac.Equal(given, signature(secret, parts[0]+"."+parts[1])) {
		return "", errToken
	}
	body, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return "", errToken
	}
	var c claims
	if json.Unmarshal(body, &c) != nil || c.Subject == "" || now.Unix() >= c.Expires {
		return "", errToken
	}
	return c.Subject, nil
}
