# Stand-in for golang:1.19: Debian's Go 1.19; see make-stand-in-images.sh.
FROM debian:bookworm-slim
# hadolint ignore=DL3008
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends golang-go ca-certificates >/dev/null \
    && rm -rf /var/lib/apt/lists/*
ENV GOPATH=/go \
    GOTOOLCHAIN=local
WORKDIR /go
