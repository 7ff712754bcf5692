# make            the library in build/lib, its header in build/include
# make demo       trains on handwritten digits from C, then from Python
# make test       every test
# make bench      how fast it is, beside its peers: ROWS=mlp,sgemm SECONDS=0.2 ROUNDS=7
# make bench-peers  installs the peers: FANN, OpenBLAS, BLIS, and others into .venv-bench
# make test-exhaustive  every float through every activation, some 75 minutes of a core (EVERY=251: each 251st)
# make install    PREFIX=/usr/local DESTDIR= LIBDIR= INCLUDEDIR=
# make clean      removes what was built
#
# What a step needs and the machine lacks is installed first: see .ci/prerequisites.

number = $(shell sed -n 's/^.define SNN_VERSION_$(1) //p' include/swiftnn.h)
VERSION := $(call number,MAJOR).$(call number,MINOR).$(call number,PATCH)
LIBRARY := build/lib/libswiftnn.so.$(VERSION)
# Folders too: their time changes when a file is removed.
SOURCES := $(shell find Package.swift include Sources)

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include

# The most that the goals of this run need, so that all that is missing is named at once.
STEP := $(firstword $(filter test,$(MAKECMDGOALS)) \
    $(if $(filter demo bench,$(MAKECMDGOALS)),demo) lib)

.PHONY: lib demo test test-exhaustive bench bench-peers install clean help prerequisites

lib: $(LIBRARY)

# Asked for here and not before, so that `sudo make install` of a library that is built needs no
# Swift on root's PATH.
$(LIBRARY): $(SOURCES) .ci/build | $(if $(filter demo test bench,$(MAKECMDGOALS)),prerequisites)
	@.ci/prerequisites $(STEP)
	@.ci/build $(VERSION)

demo: prerequisites build/demo/digits
	@cd build/demo && ./digits ../../Examples/data
	@PYTHONPATH=bindings/python .venv/bin/python Examples/digits.py Examples/data build/demo

build/demo/digits: Examples/digits.c $(LIBRARY)
	@mkdir -p $(@D)
	@$(CC) -std=c99 -O2 -Wall -Wextra -Wpedantic -Ibuild/include $< -o $@ \
	    -Lbuild/lib -lswiftnn -lm -Wl,-rpath,'$$ORIGIN/../lib'

test: prerequisites build/demo/digits
	@.ci/test

# In the peers' environment where it is there; without it, what is ours alone.
bench: prerequisites $(LIBRARY)
	@python=.venv-bench/bin/python; [ -x $$python ] || python=.venv/bin/python; \
	$$python Benchmarks/run.py $(if $(ROWS),--rows '$(ROWS)') \
	    $(if $(SECONDS),--seconds $(SECONDS)) $(if $(ROUNDS),--rounds $(ROUNDS))

bench-peers:
	@.ci/prerequisites bench-peers

# Prints a table of the worst errors, values then slopes, each with the number that it belongs to.
test-exhaustive:
	@SWIFTNN_EXHAUSTIVE=$(or $(EVERY),1) swift test --disable-xctest --filter ExhaustiveTests

# For this goal only: what tests install themselves must not inherit it.
install: export PREFIX := $(PREFIX)
install: export LIBDIR := $(LIBDIR)
install: export INCLUDEDIR := $(INCLUDEDIR)
install: export DESTDIR := $(DESTDIR)
install: lib
	@.ci/install $(VERSION)

clean:
	rm -rf build .build .build-embedded

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

prerequisites:
	@.ci/prerequisites $(STEP)
