"""The library file: what it exports, what it needs, how large it is."""

import re

import header

ALLOWED_NEEDED = re.compile(
    r"libhdf5(_serial)?\.so\.\d+|libm\.so\.6|libc\.so\.6|ld-linux-x86-64\.so\.2"
)
SIZE_LIMIT = 2_000_000


def test_exports_are_the_functions_of_the_header(library, run):
    listing = run("nm", "-D", "--defined-only", "--extern-only", library)
    symbols = [line.split() for line in listing.splitlines()]
    # The version node is a symbol too, of kind A.
    exported = {name.split("@")[0] for _, kind, name in symbols if kind != "A"}
    assert exported == {function.name for function in header.functions()}


def test_needs_only_hdf5_and_the_c_library(library, run):
    needed = re.findall(r"\(NEEDED\).*\[(.*)\]", run("readelf", "-d", library))
    assert [name for name in needed if not ALLOWED_NEEDED.fullmatch(name)] == []


def test_has_its_soname_and_stays_loaded(library, run):
    dynamic = run("readelf", "-d", library)
    assert re.search(r"\(SONAME\).*\[libswiftnn\.so\.0\]", dynamic)
    assert re.search(r"\(FLAGS_1\).*\bNODELETE\b", dynamic)
    assert "(RPATH)" not in dynamic and "(RUNPATH)" not in dynamic
    assert "(TEXTREL)" not in dynamic


def test_is_stripped_and_small(library, figure, run):
    assert ".symtab" not in run("readelf", "-S", "-W", library)
    size = library.stat().st_size
    figure(f"stripped library: {size:,} bytes (limit {SIZE_LIMIT:,})")
    assert size < SIZE_LIMIT


def test_file_name_is_the_version_of_the_header(library, run):
    numbers = re.findall(r"#define SNN_VERSION_\w+ (\d+)", header.HEADER.read_text())
    assert library.name == "libswiftnn.so." + ".".join(numbers)
