# An image that holds the static client and nothing else, to COPY --from:
#
#   cmake --build --preset release --target depcache-client
#   DOCKER_BUILDKIT=1 docker build -f deploy/client.Dockerfile -t depcache-client:latest .
#
# The context is the top level of this repository.
FROM scratch
ARG BINARY=build/release/bin/depcache-client
COPY --chmod=755 ${BINARY} /depcache-client
USER 65532:65532
ENTRYPOINT ["/depcache-client"]
