#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that the headers of the standard library's and fmt's names are included where the names are used, and that the first include of
x.cpp is x.h, so that every header is compiled alone at least there.

check_includes.py [--fix] [SOURCE]

SOURCE is the root of the repository, this one if it is not given.

A file may rely on the header of its own name (x.cpp on x.h) and on nothing else: which other headers a standard
header brings along differs between libraries and their versions. --fix adds what is missing. Prints each missing
header as `file:line: ...`; exit code 1 if there was any.
"""
import pathlib
import re
import shutil
import subprocess
import sys

# header: names in std; a name that several headers have is listed with each.
NAMES = {
    "algorithm": "adjacent_find all_of any_of binary_search clamp copy copy_backward copy_if copy_n count count_if equal "
                 "equal_range fill fill_n find find_first_of find_if find_if_not for_each generate generate_n includes "
                 "is_sorted lexicographical_compare lower_bound max max_element merge min min_element minmax "
                 "minmax_element mismatch next_permutation none_of nth_element partial_sort partition ranges remove_if "
                 "replace replace_if reverse rotate sample search shuffle sort stable_partition stable_sort swap_ranges "
                 "transform unique upper_bound",
    "array": "array", "atomic": "atomic atomic_flag memory_order_relaxed memory_order_acquire memory_order_release",
    "bit": "bit_cast bit_ceil bit_floor bit_width countl_zero countr_zero endian has_single_bit popcount rotl rotr",
    "charconv": "from_chars to_chars", "chrono": "chrono",
    "cmath": "cbrt ceil copysign cos erf exp exp2 expm1 fabs floor fma fmod frexp isfinite isinf isnan ldexp llround log "
             "log10 log1p log2 lround nearbyint nextafter pow remainder rint round rsqrt sin sinh sqrt tan tanh trunc",
    "compare": "strong_ordering partial_ordering", "condition_variable": "condition_variable",
    "cstddef": "byte nullptr_t ptrdiff_t size_t",
    "cstdint": " ".join(f"{u}int{n}_t" for u in ("", "u") for n in (8, 16, 32, 64)) + " uintptr_t intptr_t",
    "cstdio": "FILE fclose fflush fgets fopen fprintf fputs fread fwrite perror printf putchar puts rename size_t snprintf",
    "cstdlib": "abort atoi atol div exit free getenv malloc mkstemp setenv size_t strtol strtoul strtoull system",
    "cstring": "memchr memcmp memcpy memmove memset size_t strchr strcmp strerror strlen strncmp",
    "ctime": "time_t time gmtime strftime", "deque": "deque",
    "exception": "current_exception exception exception_ptr rethrow_exception terminate",
    "filesystem": "filesystem", "fstream": "fstream ifstream ofstream",
    "functional": "bind cref function greater hash invoke less minus multiplies plus ref reference_wrapper",
    "future": "async future promise", "initializer_list": "initializer_list",
    "iomanip": "hex setfill setprecision setw", "iostream": "cerr cin clog cout",
    "istream": "istream", "ostream": "ostream",
    "iterator": "advance back_inserter distance inserter istream_iterator istreambuf_iterator next ostream_iterator prev "
                "reverse_iterator ssize",
    "limits": "numeric_limits", "map": "map multimap pair",
    "memory": "addressof make_shared make_unique shared_ptr unique_ptr weak_ptr",
    "mutex": "call_once lock_guard mutex once_flag scoped_lock unique_lock", "numbers": "numbers",
    "numeric": "accumulate gcd inner_product iota lcm midpoint partial_sum reduce",
    "optional": "make_optional nullopt optional", "queue": "priority_queue queue",
    "random": "bernoulli_distribution discrete_distribution mt19937 mt19937_64 normal_distribution random_device "
              "uniform_int_distribution uniform_real_distribution",
    "regex": "regex regex_match regex_search smatch", "set": "multiset set", "span": "as_bytes dynamic_extent span",
    "sstream": "istringstream ostringstream stringstream", "stack": "stack",
    "stdexcept": "domain_error exception invalid_argument length_error logic_error out_of_range overflow_error "
                 "runtime_error",
    "string": "getline stod stof stoi stol stoll stoul stoull string to_string", "string_view": "string_view",
    "system_error": "errc error_code generic_category system_category system_error", "thread": "this_thread thread",
    "tuple": "apply make_tuple tie tuple",
    "type_traits": "common_type_t conditional_t decay_t enable_if_t false_type integral_constant invoke_result_t "
                   "is_enum_v is_floating_point_v is_integral_v is_same_v is_signed_v is_unsigned_v make_signed_t "
                   "make_unsigned_t remove_const_t remove_cvref_t remove_reference_t true_type type_identity_t "
                   "underlying_type_t void_t",
    "unordered_map": "pair unordered_map", "unordered_set": "unordered_set",
    "utility": "as_const cmp_less exchange forward in_range index_sequence make_index_sequence make_pair move pair swap",
    "variant": "get_if holds_alternative monostate variant visit", "vector": "vector",
}
# The same of namespace fmt: which header brings which other along has changed with its versions.
FMT_NAMES = {"fmt/format.h": "format format_to print", "fmt/ranges.h": "join"}
# Headers that hold what others name, too; the standard says so.
BRINGS = {"iostream": ("istream", "ostream"), "fstream": ("istream", "ostream"), "sstream": ("istream", "ostream"),
          "array": ("initializer_list",), "string": ("initializer_list", "compare"), "vector": ("initializer_list",)}
# Where several headers would do, these are not the ones to add.
SECOND_CHOICE = {"map", "unordered_map", "stdexcept", "cstdio", "cstdlib", "cstring"}

HEADERS_OF = {}  # by "std::name"
for _space, _headers in (("std", NAMES), ("fmt", FMT_NAMES)):
    for _header, _names in _headers.items():
        for _name in _names.split():
            HEADERS_OF.setdefault(f"{_space}::{_name}", []).append(_header)

NOT_CODE = re.compile(r'//[^\n]*|/\*.*?\*/|R"\((?:.*?)\)"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])\'', re.DOTALL)
USE = re.compile(r"\b(?:std|fmt)::\w+")
INCLUDE = re.compile(r"^#\s*include <([\w./]+)>", re.MULTILINE)


def included(text):
    """The standard headers that a file includes, with what these hold of others."""
    names = set(INCLUDE.findall(text))
    return names | {other for name in names for other in BRINGS.get(name, ())}


def missing(path):
    """Headers that a file lacks, each with the first line and name that need it."""
    text = path.read_text()
    has = included(text)
    own_header = path.with_suffix(".h")
    if path.suffix == ".cpp" and own_header.exists():
        has |= included(own_header.read_text())
    code = NOT_CODE.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)
    lacks = {}
    for match in USE.finditer(code):
        headers = HEADERS_OF.get(match.group())
        if not headers or has & set(headers):
            continue
        header = min(headers, key=lambda name: name in SECOND_CHOICE)
        lacks.setdefault(header, (code.count("\n", 0, match.start()) + 1, match.group()))
    return lacks


def add(path, headers):
    """Adds headers to the block of standard includes of a file, or makes one; fmt's to their own before it."""
    lines = path.read_text().splitlines()
    of_fmt = {name for name in headers if name.startswith("fmt/")}
    if of_fmt:
        block = [line for line in lines if line.startswith("#include <fmt/")]
        start = next((i for i, line in enumerate(lines) if line.startswith("#include <")), 1)
        lines = [line for line in lines if line not in block]
        block = sorted({*block, *(f"#include <{name}>" for name in of_fmt)})
        lines[start:start] = block if lines[start:start + 1] == [""] else [*block, ""]
        path.write_text("\n".join(lines) + "\n")
    headers = set(headers) - of_fmt
    if not headers:
        return
    # A fragment that others include inside a namespace has no block; neither has a file without includes.
    at = [i for i, line in enumerate(lines) if re.match(r"#include <[a-z_0-9]+>$", line)]
    if not at:
        own = [i for i, line in enumerate(lines) if line.startswith("#include") or line == "#pragma once"][:1]
        start = own[0] + 1 if own else 1
        lines[start:start] = ["", *(f"#include <{name}>" for name in sorted(headers))]
        path.write_text("\n".join(lines) + "\n")
        return
    first = last = at[0]
    while last + 1 < len(lines) and lines[last + 1].startswith("#include <"):
        last += 1
    block = sorted(set(lines[first:last + 1]) | {f"#include <{name}>" for name in headers})
    path.write_text("\n".join([*lines[:first], *block, *lines[last + 1:]]) + "\n")


def main():
    fix = "--fix" in sys.argv
    given = [word for word in sys.argv[1:] if word != "--fix"]
    root = pathlib.Path(given[0]) if given else pathlib.Path(__file__).resolve().parents[1]
    files = []
    if shutil.which("git"):
        files = subprocess.run(["git", "-C", str(root), "ls-files", "*.h", "*.cpp"], capture_output=True, text=True,
                               check=False).stdout.split()
    if not files:  # no git, or no checkout
        files = [str(path.relative_to(root)) for path in root.rglob("*") if path.suffix in (".h", ".cpp")
                 and not path.relative_to(root).parts[0].startswith(("build", "out", "."))]
    found = 0
    for name in sorted(files):
        path = root / name
        if name.endswith("-inl.h") or not path.exists():
            continue  # fragments of another file
        own = name[:-len(".cpp")] + ".h"
        first = re.search(r'^#include ["<](.*)[">]', path.read_text(), re.MULTILINE)
        if path.suffix == ".cpp" and (root / own).exists() and first.group(1) != own:
            print(f'{name}: the first include is "{first.group(1)}": expected "{own}"')
            found += 1
        lacks = missing(path)
        for header, (line, use) in sorted(lacks.items()):
            print(f"{name}:{line}: {use} needs #include <{header}>")
        if fix and lacks:
            add(path, lacks)
        found += len(lacks)
    print(f"{len(files)} files: " + (f"{found} includes are missing" if found else "every header of std and fmt is included"))
    return 1 if found and not fix else 0


if __name__ == "__main__":
    sys.exit(main())
