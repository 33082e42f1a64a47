# SPDX-License-Identifier: Apache-2.0
"""The register map, the fields of the layer words and the reasons of a refusal: registers/kpu_registers.json as
SystemVerilog, C++, C and tables of docs/registers.md. generate.py writes them to their files."""
import json
import pathlib

TABLE = json.loads((pathlib.Path(__file__).resolve().parents[1] / "registers/kpu_registers.json").read_text())
REGISTERS = TABLE["k210"] + TABLE["own"]
NOTICE = "Written by scripts/generate.py from registers/kpu_registers.json: change that, not this."


def camel(name):
    """layer_argument_fifo as LayerArgumentFifo."""
    return "".join(part.capitalize() for part in name.split("_"))


def register(name):
    """The register of this name."""
    return next(entry for entry in REGISTERS if entry["name"] == name)


def position(field):
    """(low bit, width) of a register's field."""
    high, _, low = field["bits"].partition(":")
    low = low or high
    return int(low), int(high) - int(low) + 1


def named(name):
    """The fields of a register that have names of their own."""
    return [field for field in register(name)["fields"] if "name" in field]


def systemverilog():
    """rtl/regs/kpu_reg_pkg.sv."""
    wide = max(len(entry["name"].replace("_", "")) for entry in REGISTERS) + 4
    addresses = [f"  localparam logic [8:0] {'Addr' + camel(entry['name']):<{wide}} = 9'h{int(entry['offset'], 16) // 8:03x};"
                 for entry in REGISTERS]
    wide = max(len(reason["name"]) for reason in TABLE["reasons"]) + 6
    reasons = [f"  localparam logic [7:0] {'Reason' + reason['name']:<{wide}} = 8'd{reason['code']};"
               for reason in [{"name": "None", "code": 0}, *TABLE["reasons"]]]
    return "\n".join([
        "// SPDX-License-Identifier: Apache-2.0", f"// {NOTICE}", "",
        "/// Register addresses and reasons of a refusal (docs/registers.md).", "package kpu_reg_pkg;", "",
        "  // Word addresses: byte offset / 8", *addresses, "",
        "  // Why a layer cannot run; None: it can", *reasons, "", "endpackage", ""])


def bit_enum(name, prefix, fields, all_name):
    """An enum of single bits, and all of them together."""
    bits = [(prefix + camel(field["name"]), 1 << position(field)[0]) for field in fields]
    lines = [f"  {constant} = {value:#04x}," for constant, value in bits]
    return [f"enum {name} : std::uint64_t {{", *lines, f"  {all_name} = {sum(value for _, value in bits):#04x},", "};", ""]


def cpp_registers():
    """driver/kpu_registers.h."""
    offsets = [f"  kReg{camel(entry['name'])} = 0x{int(entry['offset'], 16):02x}," for entry in REGISTERS]
    status = named("status")
    fields = [f"inline constexpr RegisterField k{camel(name)}{camel(field['name'])}{{{', '.join(map(str, position(field)))}}};"
              for name in ("config", "status") for field in named(name) if position(field)[1] > 1]
    reasons = []
    for reason in TABLE["reasons"]:
        words = ", ".join(f"field::k{camel(name)}" for name in reason["fields"])
        reasons += [f"    {{{reason['code']}, {len(reason['fields'])}, {{{words}}},",
                    f"     {json.dumps(reason['problem'])}, {json.dumps(reason['expected'])}}},"]
    most = max(len(reason["fields"]) for reason in TABLE["reasons"])
    return "\n".join([
        "// SPDX-License-Identifier: Apache-2.0", f"// {NOTICE}", "//",
        "// Registers of the KPU by name, and why it refuses a layer; docs/registers.md describes them.",
        "// clang-format off", "#pragma once", "", "#include <array>", "#include <cstddef>", "#include <cstdint>", "",
        '#include "common/bits.h"', '#include "common/layer_fields.h"', "", "namespace kpu::driver {", "",
        "enum RegisterOffset : std::uint16_t {", *offsets, "};", "",
        *bit_enum("InterruptBit", "kInt", named("interrupt_raw"), "kIntAll"),
        *bit_enum("StatusBit", "kStatus", [field for field in status if position(field)[1] == 1], "kStatusAll"),
        *bit_enum("LeftOutBit", "kLeftOut", named("left_out"), "kLeftOutAll"),
        "/// Where a field lies in its register.", "struct RegisterField {", "  unsigned low;", "  unsigned width;", "",
        "  constexpr std::uint64_t of(std::uint64_t value) const { return bits(value, low, width); }", "};", "",
        *fields, "",
        f"inline constexpr std::uint64_t kFifoCtrlRun = {register('fifo_ctrl')['fields'][0]['reset']};",
        f"inline constexpr std::uint64_t kIdValue = {named('id')[0]['reset']};  ///< upper half of kRegId",
        f"inline constexpr unsigned kPerfCounters = {register('perf')['count']};", "",
        "/// A reason for which the decoder refuses a layer: the fields that it looks at, what is wrong with them, and what",
        "/// would be right.", "struct RefusalReason {", "  unsigned code;", "  std::size_t field_count;",
        f"  std::array<LayerField, {most}> fields;", "  const char* problem;", "  const char* expected;", "};", "",
        f"inline constexpr std::array<RefusalReason, {len(TABLE['reasons'])}> kRefusalReasons{{{{", *reasons, "}};", "",
        "}  // namespace kpu::driver", ""])


def cpp_layer_fields():
    """common/layer_fields.h."""
    fields = [f'inline constexpr LayerField k{camel(field["name"])}{{"{field["name"]}", {field["word"]}, {field["low"]}, '
              f'{field["width"]}, {field.get("minus", 0)}}};' for field in TABLE["layer_fields"]]
    return "\n".join([
        "// SPDX-License-Identifier: Apache-2.0", f"// {NOTICE}", "//",
        "// Where each field lies in the twelve words of a layer; docs/registers.md describes them.",
        "// clang-format off", "#pragma once", "", "#include <cstdint>", "", '#include "common/bits.h"',
        '#include "common/kpu_shape.h"', "", "namespace kpu {", "",
        "/// A field of the layer words: bits `low` to `low + width - 1` of word `word` hold its value minus `minus`.",
        "struct LayerField {", "  const char* name = nullptr;", "  unsigned word = 0;", "  unsigned low = 0;",
        "  unsigned width = 1;", "  unsigned minus = 0;", "", "  /// The field's value, unsigned.",
        "  constexpr std::uint64_t of(const LayerWords& words) const {",
        "    return bits(words[word], low, width) + minus;", "  }", "};", "", "namespace field {", "", *fields, "",
        "}  // namespace field", "}  // namespace kpu", ""])


def c_registers():
    """driver/c/kpu_regs.h."""
    lines = [f"#define KPU_REG_{entry['name'].upper()} {int(entry['offset'], 16):#05x}u" for entry in REGISTERS]
    interrupts, status = named("interrupt_raw"), named("status")
    lines += ["", *(f"#define KPU_INT_{field['name'].upper()} {1 << position(field)[0]:#x}u" for field in interrupts),
              f"#define KPU_INT_ALL {sum(1 << position(field)[0] for field in interrupts):#x}u", ""]
    bits = [field for field in status if position(field)[1] == 1]
    lines += [f"#define KPU_STATUS_{field['name'].upper()} {1 << position(field)[0]:#x}u" for field in bits]
    lines += [f"#define KPU_LEFT_OUT_{field['name'].upper()} {1 << position(field)[0]:#x}u" for field in named("left_out")]
    lines += [f"#define KPU_STATUS_ALL {sum(1 << position(field)[0] for field in bits):#x}u", "",
              f"#define KPU_FIFO_CTRL_RUN {register('fifo_ctrl')['fields'][0]['reset']}u",
              f"#define KPU_ID_VALUE {named('id')[0]['reset']}u", f"#define KPU_PERF_COUNTERS {register('perf')['count']}u", "",
              "/* Fields of registers: low bit, bits */"]
    lines += [f"#define KPU_{name.upper()}_{field['name'].upper()} {', '.join(map(str, position(field)))}"
              for name in ("config", "status") for field in named(name) if position(field)[1] > 1]
    lines += ["", "/* Fields of the layer words: word, low bit, bits, what is taken off the value */"]
    lines += [f"#define KPU_FIELD_{field['name'].upper()} {field['word']}, {field['low']}, {field['width']}, "
              f"{field.get('minus', 0)}" for field in TABLE["layer_fields"]]
    reasons = [f"  X({reason['code']}, {json.dumps(', '.join(reason['fields']))}, {json.dumps(reason['problem'])}, "
               f"{json.dumps(reason['expected'])})" for reason in TABLE["reasons"]]
    return "\n".join([
        "/* SPDX-License-Identifier: Apache-2.0", f" * {NOTICE}", " *",
        " * Registers of the KPU, fields of its layer words, and why it refuses a layer, for C; docs/registers.md describes",
        " * them.", " */", "/* clang-format off */", "#ifndef KPU_REGS_H", "#define KPU_REGS_H", "",
        "/* Offsets in bytes; all registers are 64 bits wide */", *lines, "",
        "/* Reasons of a refusal: X(code, fields, problem, expected) */", "#define KPU_REASONS(X) \\",
        " \\\n".join(reasons), "", "#endif", ""])


def register_rows(registers):
    """Rows of the table of registers: one a field."""
    for entry in registers:
        many = entry.get("count")
        first = [f"{entry['offset']} + 8i" if many else entry["offset"],
                 f"{entry['name']}[i], i = 0..{many - 1}" if many else entry["name"]]
        for field in entry["fields"]:
            bits = f"{field['bits']} {field['name']}" if "name" in field else field["bits"]
            yield (*first, bits, field["access"], field.get("reset", ""), field["meaning"])
            first = ["", ""]


HEADER = ("offset", "name", "bits", "access", "reset", "meaning")
FIELD_HEADER = ("word", "bits", "field", "meaning")
REASON_HEADER = ("code", "fields", "problem", "expected")


def field_rows():
    """Rows of the table of the layer words."""
    for field in TABLE["layer_fields"]:
        high, low = field["low"] + field["width"] - 1, field["low"]
        meaning = field["meaning"] + (", minus one" if field.get("minus") else "")
        yield field["word"], f"{high}:{low}" if high > low else low, field["name"], meaning


def reason_rows():
    """Rows of the table of reasons."""
    for reason in TABLE["reasons"]:
        yield reason["code"], ", ".join(reason["fields"]), reason["problem"], reason["expected"]
