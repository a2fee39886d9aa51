# The way of cargo-chef's own README, to compare with: the dependencies of two of the colony's binaries.
ARG RUST_IMAGE=rust:1.95-slim-bookworm
ARG TOOL_IMAGE
# hadolint ignore=DL3006
FROM ${TOOL_IMAGE} AS tool

# hadolint ignore=DL3006
FROM ${RUST_IMAGE} AS chef
COPY --from=tool /cargo-chef /usr/local/bin/
WORKDIR /app

FROM chef AS planner
COPY . .
RUN cargo chef prepare --recipe-path recipe.json

FROM chef AS cooked
COPY --from=planner /app/recipe.json recipe.json
RUN cargo chef cook --release --recipe-path recipe.json -p backend -p coordinator

FROM cooked AS builder
COPY . .
RUN cargo build --release -p backend -p coordinator
