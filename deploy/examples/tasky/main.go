// Tasky keeps a list of tasks per user. It serves its pages from ./assets and
// an API below /api. Without JWT_SECRET there is no API: the pages are served,
// and the log and /api/status say so.
package main

import (
	"context"
	"errors"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// Set by the linker: -X main.version=…
var version = "dev"

const (
	address      = ":8080"
	stopSeconds  = 10
	readSeconds  = 10
	writeSeconds = 30
)

func main() {
	log.SetFlags(log.LstdFlags | log.LUTC)
	settings := readSettings(os.Getenv)
	for _, line := range settings.notes() {
		log.Print(line)
	}
	server := &http.Server{
		Addr:         address,
		Handler:      newHandler(settings, "assets"),
		ReadTimeout:  readSeconds * time.Second,
		WriteTimeout: writeSeconds * time.Second,
	}
	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer cancel()
	done := make(chan struct{})
	go func() {
		<-stop.Done()
		ctx, end := context.WithTimeout(context.Background(), stopSeconds*time.Second)
		defer end()
		if err := server.Shutdown(ctx); err != nil {
			log.Print(err)
		}
		close(done)
	}()
	log.Printf("tasky %s listens on %s", version, address)
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
	<-done
}
