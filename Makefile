# The commands of the project; `make help` lists them. Longer ones are scripts
# in .ci/. Everything a target makes goes into bin/, which git ignores.

SHELL       := /bin/bash
VCS         := $(shell git rev-parse HEAD >/dev/null 2>&1 && echo auto || echo false)
BUILD       := CGO_ENABLED=0 go build -trimpath -buildvcs=$(VCS) -ldflags '-s -w'
FUZZTIME    ?= 30s
COUNT       ?= 6
BENCH       ?= .
REF         ?= HEAD~1
N           ?= 100000
DURATION    ?= 5m
ROUNDS      ?= 11
ENGINE      ?= $(firstword $(shell command -v podman docker) podman)

# Tools are pinned where they are run, come through the module proxy, and are
# no part of go.mod.
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.9.0
CYCLONEDX   := github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@v1.10.0
GOSEC       := github.com/securego/gosec/v2/cmd/gosec@v2.30.0
GOSEC_KNOWN := G103,G104,G115,G124,G203,G204,G304,G404,G602,G703
NFPM        := github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.45.2

.DEFAULT_GOAL := help
.PHONY: run build test check lint vuln sbom gosec bench bench-compare versus load scale paint small instructions fuzz golden cover cross deb deb-test boot-test arm image image-test release soak crash clean help

run: ## start on a made-up log, with a fake LoTW and DCL beside it, and print the link
	@go run ./demo

build: ## build bin/qslbox for this machine
	$(BUILD) -o bin/qslbox .

test: ## all tests with the race detector (as root, installs what they need)
	@.ci/test

check: lint ## the gate: format, vet, staticcheck, then all tests
	@.ci/test

lint: ## format, vet and staticcheck
	@.ci/lint

sbom: build ## what bin/qslbox is built from, as CycloneDX: bin/sbom.cdx.json (needs the network the first time)
	go mod verify
	go run $(CYCLONEDX) bin -json -std -noserial -notimestamp -output bin/sbom.cdx.json bin/qslbox

gosec: ## look for patterns of insecure code; SECURITY.md says what of it stands and why
	go run $(GOSEC) -quiet -exclude-generated -exclude-dir=demo -exclude=$(GOSEC_KNOWN) ./...

vuln: ## look for known vulnerabilities (needs the network)
	go run $(GOVULNCHECK) ./...

bench: ## benchmarks, COUNT=6 runs, also into bin/bench.txt; BENCH=regexp chooses
	@mkdir -p bin && set -o pipefail && go test -run '^$$' -bench '$(BENCH)' -benchmem -count $(COUNT) -timeout 3h ./... | tee bin/bench.txt

bench-compare: ## benchmarks here and at REF=HEAD~1, compared; work stays untouched
	@.ci/bench-compare '$(REF)' '$(BENCH)' '$(COUNT)'

versus: ## N=100000 QSOs here, in SQLite on Node and in Go, and in other ADIF readers, as one table
	@cd demo/versus && go run . -n $(N) $(VERSUS)

load: ## 200 readers for DURATION=5m at N=100000 while QSOs arrive and a sync runs
	@go run ./demo load -n $(N) -duration $(DURATION) $(LOAD)

scale: ## what things cost from 10,000 to 1,000,000 QSOs, and docs/img/scale.svg
	@go run ./demo scale -svg docs/img/scale.svg $(SCALE)

paint: ## when pages are painted in a browser, with 100,000 QSOs; ROUNDS=11
	@go test ./demo -run '^$$' -bench Paint -benchtime $(ROUNDS)x -timeout 1h -v

small: ## both on a small machine: one processor, 256 MiB, a slow disk, N=100000
	@go run ./demo scale -small -sizes 10000,$(N) $(SCALE)
	@go run ./demo load -small -n $(N) -duration 1m $(LOAD)

instructions: ## what the hot paths take, in instructions (valgrind): the same on a busy machine
	@.ci/instructions

fuzz: ## every fuzz target for FUZZTIME=30s
	@.ci/fuzz $(FUZZTIME)

golden: ## rewrite the golden files, then show what changed
	@.ci/golden

cover: ## test coverage; details in bin/cover.html
	@mkdir -p bin && go test -coverprofile bin/cover.out ./... && go tool cover -html bin/cover.out -o bin/cover.html && go tool cover -func bin/cover.out | tail -1

cross: ## build for amd64, arm64 and armhf (ARMv6), with checksums
	GOOS=linux GOARCH=amd64 $(BUILD) -o bin/qslbox-linux-amd64 .
	GOOS=linux GOARCH=arm64 $(BUILD) -o bin/qslbox-linux-arm64 .
	GOOS=linux GOARCH=arm GOARM=6 $(BUILD) -o bin/qslbox-linux-armhf .
	cd bin && sha256sum qslbox-linux-* | tee SHA256SUMS

deb-test: ## install, upgrade, remove and purge the package in a Debian root, after make deb (as root)
	@.ci/deb-test '$(NFPM)'

boot-test: ## boot Debian in QEMU with the package and try the service under systemd, after make deb (as root)
	@.ci/boot-test

deb: cross sbom ## Debian packages of these; VERSION=1.2.3 (needs the network the first time)
	@.ci/deb '$(NFPM)' '$(VERSION)'

arm: ## unit tests for arm64 and armhf under qemu-user, on a file written here: slow
	@.ci/arm

image: ## container image, with podman or docker
	$(ENGINE) build $(if $(findstring podman,$(ENGINE)),--format docker) $(BUILD_OPTIONS) -t qslbox -f Containerfile .

image-test: ## build the image and start it as docs/install.md says
	@.ci/image-test

release: ## everything of a release into bin/release; VERSION=1.2.3, of a commit that is tagged so
	@.ci/release '$(NFPM)' '$(VERSION)'

soak: ## the long property tests: hours
	QSLBOX_SOAK=1 go test -run 'Soak|Property|Fault|Cells|ClockJumps|Proxies' -timeout 12h -v ./...

crash: ## cut the power (as root) and kill the process in the middle of writing, many times: two hours
	QSLBOX_CRASH=1 go test -run 'Crash|Kill' -timeout 6h -v ./...

clean: ## remove bin/
	rm -rf bin

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
