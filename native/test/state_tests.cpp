// SHA-256, Merkle tree, safetensors, sequences and transcript against published vectors and damaged input.
#include <cmath>
#include <cstring>
#include <random>

#include "expect.h"
#include "../state/divergence.h"
#include "../state/merkle.h"
#include "../state/safetensors.h"
#include "../state/sequences.h"
#include "../state/sha256.h"
#include "../state/transcript.h"

namespace {

using namespace ledger;

Digest digest_with(Sha256Blocks blocks, const std::string &text) {
  return Sha256(blocks).update(text.data(), text.size()).digest();
}

// FIPS 180-4 examples and the NIST CAVP million-letter message.
void sha256_vectors(Sha256Blocks blocks, const std::string &name) {
  const auto check = [&](const std::string &text, const char *wanted) {
    expect::equal(hex(digest_with(blocks, text)), wanted, name + " of " + std::to_string(text.size()) + " bytes");
  };
  check("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  check("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  check("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  check("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
        "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
  check(std::string(1000000, 'a'), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

void sha256_tests() {
  sha256_vectors(sha256_blocks_portable, "portable SHA-256");
  const Sha256Blocks accelerated = sha256_blocks_accelerated();
  if (accelerated != nullptr) sha256_vectors(accelerated, "accelerated SHA-256");
  else std::printf("SKIPPED: accelerated SHA-256: this processor has no SHA instructions\n");

  std::mt19937 random(1);
  std::string text(1000, '\0');
  for (char &c : text) c = char(random());
  bool same = true;
  for (size_t size = 0; size <= text.size(); size++) {
    const Digest whole = digest_with(sha256_blocks_portable, text.substr(0, size));
    const size_t cut = size == 0 ? 0 : random() % size;
    Sha256 pieces(accelerated);
    pieces.update(text.data(), cut).update(text.data() + cut, size - cut);
    same = same && pieces.digest() == whole;
  }
  expect::yes(same, "any length, cut anywhere, hashes alike with both block functions");
  expect::yes(digest_from_hex(hex(sha256("abc", 3)), "x") == sha256("abc", 3), "hexadecimal digits read back");
  expect::refused([] { digest_from_hex("BA78", "plan.batches"); }, "plan.batches must be a SHA-256", "short hash");
}

// The test tree of RFC 6962 implementations (certificate-transparency): eight leaves, roots of the first n.
void merkle_tests() {
  const std::vector<std::string> leaves = {
      "", std::string(1, '\0'), "\x10", "\x20\x21", "\x30\x31", "\x40\x41\x42\x43",
      "\x50\x51\x52\x53\x54\x55\x56\x57", "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f"};
  const char *roots[] = {"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                         "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                         "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                         "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                         "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                         "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                         "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                         "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                         "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
  std::vector<Digest> hashes;
  for (size_t n = 0; n <= leaves.size(); n++) {
    expect::equal(hex(merkle_root(hashes)), roots[n], "RFC 6962 root of " + std::to_string(n) + " leaves");
    if (n < leaves.size()) hashes.push_back(merkle_leaf(leaves[n].data(), leaves[n].size()));
  }
}

std::vector<uint8_t> file_of(const std::string &header, size_t data_size) {
  std::vector<uint8_t> bytes(8 + header.size() + data_size);
  const uint64_t size = header.size();
  std::memcpy(bytes.data(), &size, 8);
  std::memcpy(bytes.data() + 8, header.data(), header.size());
  return bytes;
}

void safetensors_tests() {
  const std::vector<Tensor> tensors = {{"b", {2, 3}, {1, 2, -0.0f, 4, 5, 6}}, {"a", {}, {7}}};
  const auto bytes = write_safetensors(tensors);
  const std::string header =
      R"({"a":{"data_offsets":[24,28],"dtype":"F32","shape":[]},"b":{"data_offsets":[0,24],"dtype":"F32","shape":[2,3]}})";
  const size_t padded = (header.size() + 7) / 8 * 8;
  expect::equal(std::string(bytes.begin() + 8, bytes.begin() + 8 + long(header.size())), header, "header");
  expect::yes(bytes.size() == 8 + padded + 28 && bytes[0] == padded, "length of the file");
  const auto read = read_safetensors(bytes);
  expect::yes(read.size() == 2 && read[0].name == "b" && read[1].name == "a", "tensors come in file order");
  expect::yes(std::signbit(read[0].data[2]) && read[0].shape == tensors[0].shape, "bits and shapes survive");
  expect::yes(write_safetensors(read) == bytes, "written, read and written is the same file");

  const auto refused = [](const std::string &text, size_t data_size, const std::string &part, const std::string &what) {
    expect::refused([&] { read_safetensors(file_of(text, data_size)); }, part, what);
  };
  const std::string first = R"("a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]})";
  const auto second = [&](const std::string &offsets) {
    return "{" + first + R"(,"b":{"dtype":"F32","shape":[1],"data_offsets":)" + offsets + "}}";
  };
  expect::yes(read_safetensors(file_of(second("[8,12]"), 12)).size() == 2, "the template of the damaged files is sound");
  refused(second("[4,8]"), 8, "overlaps", "overlap");
  refused(second("[12,16]"), 16, "gap", "gap");
  refused(second("[8,12]"), 8, "ends at byte 12 of 8", "past the end");
  refused(second("[8,12]"), 13, "belong to none", "bytes left over");
  refused(second("[8,16]"), 16, "needs 4 bytes", "size against shape");
  refused(second("[12,8]"), 16, "needs 4 bytes", "reversed offsets");
  refused(second("[8]"), 12, "two byte offsets", "one offset");
  refused(second("[-8,12]"), 12, "an integer from 0", "negative offset");
  refused("{" + first + "," + first + "}", 8, "appears twice", "duplicate name");
  refused(R"({"a":{"dtype":"BF16","shape":[4],"data_offsets":[0,8]}})", 8, "\"F32\"", "other dtype");
  refused(R"({"a":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}})", 0, "shape[0]", "empty extent");
  refused(R"({"a":{"dtype":"F32","shape":[281474976710656,281474976710656],"data_offsets":[0,0]}})", 0, "extent",
          "product of extents overflows");
  refused(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}})", 8, "not a known field", "unknown field");
  refused("{\"__metadata__\":{\"format\":\"pt\"}," + first + "}", 8, "__metadata__", "metadata");
  refused("[]", 0, "must be an object", "header of another kind");
  refused("{" + first, 8, "at byte", "header cut off");
  auto huge = file_of("{}", 0);
  huge[7] = 0x7f;
  expect::refused([&] { read_safetensors(huge); }, "does not fit", "huge header");
  expect::refused([&] { read_safetensors(bytes.data(), 7); }, "too few", "seven bytes");
  int accepted = 0;
  for (size_t size = 0; size < bytes.size(); size++) {
    try {
      read_safetensors(bytes.data(), size);
      accepted++;
    } catch (const Invalid &) {
    }
  }
  expect::yes(accepted == 0, "a file cut off anywhere is refused");
  expect::refused([] { write_safetensors({{"a", {2}, {1}}}); }, "its shape's", "data against shape");
  expect::refused([] { write_safetensors({{"a", {1}, {1}}, {"a", {1}, {1}}}); }, "appears twice", "written twice");
}

std::vector<uint8_t> sequence_blob(uint32_t count, uint32_t length) {
  std::vector<uint8_t> bytes(16 + size_t(count) * 3 * length);
  std::memcpy(bytes.data(), "PLSQ0001", 8);
  std::memcpy(bytes.data() + 8, &count, 4);
  std::memcpy(bytes.data() + 12, &length, 4);
  for (size_t i = 16; i < bytes.size(); i++) bytes[i] = (i - 16) / length % 3 == 2 ? i % 2 : uint8_t(i);
  return bytes;
}

void sequences_tests() {
  auto bytes = sequence_blob(3, 64);
  const Sequences sequences(bytes.data(), bytes.size(), "batches");
  expect::yes(sequences.count() == 3 && sequences.length() == 64, "count and length");
  expect::yes(sequences.targets(1) == bytes.data() + 16 + 4 * 64, "targets of the second sequence");
  expect::yes(sequences.records(1, 2).size() == 2 * 192 && sequences.scored(0, 3) == 96, "records and scored positions");
  const auto refused = [](std::vector<uint8_t> blob, const std::string &part, const std::string &what) {
    expect::refused([&] { Sequences(blob.data(), blob.size(), "batches"); }, part, what);
  };
  refused({}, "PLSQ0001", "empty blob");
  refused(sequence_blob(0, 64), "no sequence", "no sequences");
  refused(sequence_blob(1, 32), "multiple of 64", "length 32");
  auto damaged = bytes;
  damaged[16 + 2 * 64 + 5] = 2;
  refused(damaged, "mask byte 5 of sequence 0 must be 0 or 1, not 2", "mask of 2");
  damaged = bytes;
  damaged.pop_back();
  refused(damaged, "must be", "one byte short");
  damaged = bytes;
  std::memset(damaged.data() + 8, 0xff, 4);
  std::memset(damaged.data() + 12, 0xc0, 4);
  refused(damaged, "must be", "sizes whose product is huge");
}

std::string transcript_of(float third_loss, uint8_t weights, Digest initial = {}) {
  TranscriptWriter writer(initial);
  for (uint64_t step = 0; step < 4; step++) {
    const Digest same{1}, other{weights};
    const std::vector<TensorDigest> state = {{"first", same}, {"second", step < 2 ? same : other}};
    const bool records = step % 2 == 1;
    writer.add(step, step == 2 ? third_loss : 1.5f, 0.5f, Digest{uint8_t(step)},
               records ? std::optional(state) : std::nullopt);
  }
  return writer.text();
}

std::optional<Divergence> compared(const std::string &claimed, const std::string &found) {
  const auto a = read_transcript(claimed), b = read_transcript(found);
  LineComparison comparison;
  for (size_t i = 0; i < a.size(); i++) {
    if (const auto divergence = comparison.next(a[i], b[i])) return divergence;
  }
  return std::nullopt;
}

// States are recorded after steps 1 and 3.
void divergence_tests() {
  const std::string honest = transcript_of(1.0f, 1);
  expect::yes(!compared(honest, honest), "a transcript equals itself");
  const auto loss = compared(transcript_of(1.25f, 2), honest);
  expect::yes(loss && loss->step == 2 && loss->what == "loss" && loss->exact() && loss->tensors.empty(),
              "a loss right after an equal state is of that very step");
  expect::yes(loss && loss->claimed == "1.25" && loss->found == "1", "both losses are told");
  const auto state = compared(transcript_of(1.0f, 2), honest);
  expect::yes(state && state->what == "tensor" && state->from == 2 && state->step == 3 && !state->exact(),
              "weights alone: somewhere since the last equal state");
  expect::yes(state && state->tensors == std::vector<std::string>{"second"} && state->of == 2, "and their tensor");
  auto infinite = read_transcript(honest);
  infinite[0].norm_bits = 0x7f800000;
  LineComparison comparison;
  const auto norm = comparison.next(infinite[0], read_transcript(honest)[0]);
  expect::yes(norm && norm->what == "gradNorm" && norm->claimed == "no finite number", "a norm of any bits is told");

  const std::vector<TensorDigest> two = {{"a", Digest{1}}, {"b", Digest{2}}};
  const std::vector<TensorDigest> renamed = {{"c", Digest{1}}, {"b", Digest{2}}, {"d", Digest{3}}};
  expect::yes(different_tensors(two, two).empty(), "equal states have no different tensor");
  expect::yes(different_tensors(renamed, two) == std::vector<std::string>{"a", "d"}, "another name, and one too many");
}

void transcript_tests() {
  const auto lines = read_transcript(transcript_of(1.0f, 1));
  expect::yes(lines.size() == 4 && lines[0].loss_bits == 0x3fc00000 && lines[1].root && !lines[2].root, "lines");
  expect::yes(!first_broken_link(lines, Digest{}), "the chain holds from its own initial state");
  expect::yes(first_broken_link(lines, Digest{9}) == 0u, "and not from another");
  uint8_t message[80] = {};
  message[42] = 0xc0, message[43] = 0x3f, message[47] = 0x3f;
  expect::yes(lines[0].h == sha256(message, 80), "h covers the 80 bytes of the documented layout");

  const std::string text = transcript_of(1.0f, 1);
  expect::refused([&] { read_transcript(text.substr(0, text.size() - 1)); }, "line feed", "cut last line");
  expect::refused([&] { read_transcript(text.substr(text.find('\n') + 1)); }, "must be 0, not 1", "first line missing");
  auto damaged = text;
  damaged[damaged.find("\"root\":\"") + 8] ^= 1;
  expect::refused([&] { read_transcript(damaged); }, "transcript line 2.root must be", "root against tensors");
}

}  // namespace

int main() {
  sha256_tests();
  merkle_tests();
  safetensors_tests();
  sequences_tests();
  transcript_tests();
  divergence_tests();
  return expect::finish();
}
