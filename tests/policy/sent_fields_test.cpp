// What a volunteer's browser tells a broker is what docs/ops/widget.md lists, from which the privacy page takes its
// words: a field that is new in a poll has to be said there first.
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <string>

#include "wire/protobuf.hpp"
#include "wire/rendezvous.hpp"

namespace footbridge::wire {
namespace {

using Names = std::set<std::string>;

std::string text_of(const std::string& path) {
  std::ifstream file(FB_SOURCE_DIR "/" + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The fields of a message, by number.
std::map<std::uint64_t, std::string> fields_of(const std::string& message) {
  const auto proto = text_of("proto/rendezvous.proto");
  const auto from = proto.find("\nmessage " + message + " {");
  EXPECT_NE(from, std::string::npos) << message;
  const auto body = proto.substr(from, proto.find("\n}", from) - from);
  const std::regex field(R"((\w+) = (\d+);)");
  std::map<std::uint64_t, std::string> out;
  for (std::sregex_iterator it(body.begin(), body.end(), field), end; it != end; ++it)
    out[std::stoull((*it)[2])] = message + "." + (*it)[1].str();
  return out;
}

Names listed() {
  const auto page = text_of("docs/ops/widget.md");
  const auto from = page.find("\n## What is sent\n");
  const auto section = page.substr(from, page.find("\n## ", from + 1) - from);
  const std::regex name(R"(`((?:Request|Poll|Answer|Outcome)\.\w+)`)");
  Names out;
  for (std::sregex_iterator it(section.begin(), section.end(), name), end; it != end; ++it) out.insert((*it)[1]);
  return out;
}

// A poll in which everything is said.
Poll talkative() {
  SeededRng rng{1};
  Poll out;
  out.proxy = ProxyId::random(rng);
  out.self_tag = SelfTag::random(rng);
  out.capabilities = 1;
  out.nat = {NatBehaviour::EndpointIndependent, NatBehaviour::EndpointIndependent};
  out.families = Families::Both;
  out.compartments = {kCommonCompartment};
  out.slots = 1;
  out.answers = {{MatchId::random(rng), Sdp("sdp")}, {MatchId::random(rng), AnswerFailure::Busy}};
  out.outcomes = {{MatchId::random(rng), OutcomeKind::Opened}};
  out.wait = Millis{1};
  out.form = ProxyForm::Widget;
  out.port_mapped = true;
  out.invite = InviteId::random(rng);
  out.announcing = {Announcing::random(rng)};
  out.was_warned = true;
  return out;
}

// The names of what stands in the bytes, inner messages' too.
void collect(ProtoReader reader, const std::string& message, Names& out) {
  static const std::map<std::string, std::string> kInner{
      {"Request.poll", "Poll"}, {"Poll.answers", "Answer"}, {"Poll.outcomes", "Outcome"}};
  const auto names = fields_of(message);
  while (const auto field = reader.next()) {
    const auto found = names.find(field->number);
    ASSERT_NE(found, names.end()) << message << " has a field " << field->number;
    const auto inner = kInner.find(found->second);
    if (inner != kInner.end())
      collect(reader.nested(*field), inner->second, out);
    else
      out.insert(found->second);
  }
}

TEST(SentFields, AreJustThoseThatThePrivacyPageHasWordsFor) {
  Names written;
  const auto bytes = encode_request({.body = talkative()});
  collect(ProtoReader(bytes), "Request", written);
  auto said = listed();
  said.erase("Poll.answers");  // of which the fields are listed, too
  said.erase("Poll.outcomes");
  EXPECT_EQ(written, said);
}

TEST(SentFields, AreAllThatThereAre) {
  Names known{"Request.version"};
  for (const auto* message : {"Poll", "Answer", "Outcome"})
    for (const auto& [number, name] : fields_of(message)) known.insert(name);
  EXPECT_EQ(listed(), known);
}

}  // namespace
}  // namespace footbridge::wire
