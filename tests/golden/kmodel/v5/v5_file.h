// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "golden/kmodel/network.h"
#include "golden/kpu/golden_backend.h"
#include "golden/kpu/kpu_backend.h"
#include "tests/golden/kmodel/v3/v3_file.h"

namespace kpu::test {

/// Instructions of the v5 stack machine.
class StackText {
 public:
  StackText& op(int opcode) {
    text_.put(static_cast<std::uint8_t>(opcode));
    return *this;
  }
  StackText& integer(std::int32_t value) { return op(0x02).raw(value); }
  StackText& real(float value) { return op(0x05).raw(value); }

  /// Fills a paddings register from the stack: before and after of each axis, and since 1.1.0 a gap
  /// between elements, 0.
  StackText& paddings(int reg, int rank) {
    return op(0x32).raw(static_cast<std::uint8_t>(reg)).raw(static_cast<std::uint8_t>(rank));
  }

  /// Address of a buffer: location 0 input, 1 output, 2 read-only, 3 data.
  StackText& buffer(int location, std::uint32_t offset) {
    return op(0x17).raw(static_cast<std::uint8_t>(location)).raw(std::uint8_t{0}).raw(offset);
  }

  /// Fills a shape register; strides, axes and permutations are shapes, too.
  StackText& shape(int reg, const std::vector<std::int32_t>& values) {
    for (std::int32_t value : values) {
      integer(value);
    }
    return op(0x31)
        .raw(static_cast<std::uint8_t>(reg))
        .raw(static_cast<std::uint8_t>(values.size()));
  }

  /// A tensor instruction with its operands.
  template <class... Operands>
  StackText& tensor(int function, Operands... operands) {
    op(0x5E).raw(static_cast<std::uint16_t>(function));
    (put_operand(operands), ...);
    return *this;
  }

  template <class T>
  StackText& raw(T value) {
    text_.put(value);
    return *this;
  }

  const std::vector<std::uint8_t>& bytes() const { return text_.bytes(); }

 private:
  void put_operand(int value) { text_.put(static_cast<std::uint8_t>(value)); }
  template <class T>
  void put_operand(T value) {
    text_.put(value);
  }

  ByteList text_;
};

/// A kmodel v5 file made by hand: one input (or more) and one output of the given bytes, 1 KiB of
/// data, a stack program, and perhaps a k210 module with one function. Inputs lie one behind the
/// other.
class V5File {
 public:
  static constexpr std::uint8_t kUint8 = 4, kFloat = 9;

  V5File(std::uint8_t in_type, std::uint32_t in_bytes, std::uint8_t out_type,
         std::uint32_t out_bytes)
      : inputs_{{in_type, in_bytes}}, output_{out_type, out_bytes} {}

  /// One more input.
  V5File& input(std::uint8_t type, std::uint32_t bytes) {
    inputs_.push_back({type, bytes});
    return *this;
  }

  V5File& text(const StackText& text) {
    text_ = text.bytes();
    return *this;
  }
  /// The release whose numbering the text has; else the loader finds one.
  V5File& release(const std::string& name) {
    release_ = name;
    return *this;
  }
  V5File& rdata(const ByteList& bytes) {
    rdata_ = bytes.bytes();
    return *this;
  }

  /// A k210 module (module 1) whose function 0 has this text and takes and gives so many codes.
  V5File& k210(const std::vector<std::uint8_t>& rdata, const std::vector<std::uint8_t>& text,
               std::uint32_t in, std::uint32_t out) {
    k210_ = module("k210", rdata, text, {{kUint8, in}}, {kUint8, out});
    return *this;
  }

  std::vector<std::uint8_t> bytes() const {
    const std::uint32_t modules = k210_.empty() ? 1 : 2;
    ByteList file(0x4B4D444Cu, 5u, 32u, 0u, 256u, modules, 0u, 0u);
    file.put_all(module("stackvm", rdata_, text_, inputs_, output_));
    return file.put_all(k210_).bytes();
  }

  std::vector<std::uint8_t> run_bytes(const std::vector<std::uint8_t>& input,
                                      const golden::Profile& profile = {}) const {
    golden::LoadOptions load;
    load.v5_numbering = release_;
    const auto model = golden::load_model(bytes(), load);
    golden::GoldenBackend backend;
    golden::RunOptions options;
    options.profile = profile;
    return golden::run_network(*model, {input}, backend, options).outputs.at(0);
  }

  template <class T>
  std::vector<float> run(const std::vector<T>& input, const golden::Profile& profile = {}) const {
    const std::vector<std::uint8_t> raw = run_bytes(ByteList().put_all(input).bytes(), profile);
    std::vector<float> values(raw.size() / sizeof(float));
    std::memcpy(values.data(), raw.data(), raw.size());
    return values;
  }

 private:
  struct TensorBytes {
    std::uint8_t type;
    std::uint32_t bytes;
  };

  static ByteList name(const std::string& text) {
    ByteList bytes;
    for (std::size_t i = 0; i < 16; ++i) {
      bytes.put(static_cast<std::uint8_t>(i < text.size() ? text[i] : 0));
    }
    return bytes;
  }

  static std::vector<std::uint8_t> module(const std::string& type,
                                          const std::vector<std::uint8_t>& rdata,
                                          const std::vector<std::uint8_t>& text,
                                          const std::vector<TensorBytes>& inputs,
                                          const TensorBytes& output) {
    const auto shape = [](const TensorBytes& tensor) {
      const auto size = golden::size_of(static_cast<golden::ElementType>(tensor.type));
      return ByteList(1u, tensor.bytes / static_cast<std::uint32_t>(size)).bytes();
    };
    ByteList ranges;
    ByteList shapes;
    std::uint32_t pool = 0;
    for (const TensorBytes& input : inputs) {
      ranges.put_all(
          ByteList(std::uint8_t{0}, input.type, std::uint16_t{0}, pool, input.bytes).bytes());
      shapes.put_all(shape(input));
      pool += input.bytes;
    }
    const auto count = static_cast<std::uint32_t>(inputs.size());
    ByteList function(32u, 32u + 20 * (count + 1), pool, output.bytes, count, 1u, 0u,
                      static_cast<std::uint32_t>(text.size()));
    function.put_all(ranges.bytes()).put_all(shapes.bytes());
    function.put_all(
        ByteList(std::uint8_t{1}, output.type, std::uint16_t{0}, 0u, output.bytes).bytes());
    function.put_all(shape(output));

    ByteList body(std::uint8_t{3}, std::uint8_t{0}, std::uint16_t{0}, 1024u);  // data pool
    body.put_all(function.bytes());
    for (const auto& [section, content] :
         {std::pair{std::string(".rdata"), rdata}, {std::string(".text"), text}}) {
      body.put_all(name(section).bytes());
      body.put_all(ByteList(0u, 0u, static_cast<std::uint32_t>(content.size()), 0u).bytes());
      body.put_all(content);
    }
    ByteList whole = name(type);
    whole.put_all(
        ByteList(1u, 48u, static_cast<std::uint32_t>(48 + body.bytes().size()), 1u, 0u, 2u, 1u, 0u)
            .bytes());
    return whole.put_all(body.bytes()).bytes();
  }

  std::vector<TensorBytes> inputs_;
  TensorBytes output_;
  std::vector<std::uint8_t> text_, rdata_, k210_;
  std::string release_;
};

}  // namespace kpu::test
