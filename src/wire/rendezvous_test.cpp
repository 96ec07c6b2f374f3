#include "wire/rendezvous.hpp"

#include <cstdio>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <set>
#include <stdlib.h>

#include "base/encoding.hpp"

namespace footbridge::wire {
namespace {

nlohmann::json vectors() {
  std::ifstream file(FB_SOURCE_DIR "/tests/vectors/rendezvous.json");
  return nlohmann::json::parse(file).at("vectors");
}

Bytes vector_named(const std::string& name) {
  for (const auto& v : vectors())
    if (v.at("name").get<std::string>() == name) return parse_hex(v.at("hex").get<std::string>()).value();
  ADD_FAILURE() << "no vector " << name;
  return {};
}

// An id whose bytes count up from `first`, as the vectors have them.
template <class IdType>
IdType id_from(unsigned first) {
  IdType id;
  for (auto& b : id.raw) b = static_cast<std::byte>(first++);
  return id;
}

Bytes counting(std::size_t count, unsigned first) {
  Bytes out;
  while (out.size() < count) out.push_back(static_cast<std::byte>(first++));
  return out;
}

Poll full_poll() {
  Poll poll;
  poll.proxy = id_from<ProxyId>(0x10);
  poll.self_tag = id_from<SelfTag>(0x40);
  poll.capabilities = 5;
  poll.nat = {NatBehaviour::EndpointIndependent, NatBehaviour::AddressAndPortDependent};
  poll.families = Families::Both;
  poll.compartments = {id_from<CompartmentId>(0xa0)};
  poll.slots = 2;
  poll.answers.push_back({id_from<MatchId>(1), Sdp("v=0 answer")});
  poll.answers.push_back({id_from<MatchId>(2), AnswerFailure::Gathering});
  poll.outcomes = {{id_from<MatchId>(3), OutcomeKind::Opened}};
  poll.wait = Millis{25'000};
  poll.form = ProxyForm::Daemon;
  poll.port_mapped = true;
  return poll;
}

Offer full_offer() {
  Offer offer;
  offer.self_tag = id_from<SelfTag>(0x40);
  offer.compartment = id_from<CompartmentId>(0);
  offer.nat = {NatBehaviour::AddressDependent, NatBehaviour::AddressDependent};
  offer.families = Families::V6;
  offer.sdps = {Sdp("v=0 one"), Sdp("v=0 two")};
  offer.admission = Private<Bytes>(to_bytes("adm"));
  offer.wait = Millis{25'000};
  offer.capabilities = 9;
  offer.egress = id_from<EgressId>(0xe0);
  offer.shard = 513;
  offer.avoid = {id_from<MatchId>(1), id_from<MatchId>(2)};
  offer.has_path = true;
  return offer;
}

Response full_poll_reply() {
  PollReply reply;
  Assignment a;
  a.match = id_from<MatchId>(1);
  a.sdp = Sdp("v=0 offer");
  a.relay_url = Private<std::string>("wss://egress.example/leg");
  a.leg_token = Private<Bytes>(counting(kLegTokenBytes, 0x80));
  a.client_nat.mapping = NatBehaviour::AddressDependent;
  a.answer_within = Millis{10'000};
  a.client_capabilities = 9;
  a.relay_udp_port = 8911;
  a.client_country = Country::parse("IR").value();
  reply.assignments.push_back(a);
  reply.withdrawn = {id_from<MatchId>(2)};
  Response response;
  response.body = reply;
  return response;
}

Response full_offer_reply() {
  Match match;
  match.sdp_index = 1;
  match.match = id_from<MatchId>(1);
  match.sdp = Sdp("v=0 answer");
  match.egress = id_from<EgressId>(0xe0);
  match.proxy_nat = {NatBehaviour::EndpointIndependent, NatBehaviour::EndpointIndependent};
  match.ticket = Private<Bytes>(counting(kTicketBytes, 0x20));
  match.proxy_capabilities = 5;
  Response response;
  response.body = OfferReply{{match}};
  return response;
}

TEST(Rendezvous, WritesEachMessageAsItsVectorSays) {
  EXPECT_EQ(encode_hex(encode_request({.body = full_poll()})), encode_hex(vector_named("poll with every field")));
  auto warned = full_poll();
  warned.was_warned = true;
  EXPECT_EQ(encode_hex(encode_request({.body = warned})), encode_hex(vector_named("poll of who was warned")));
  EXPECT_EQ(encode_hex(encode_request({.body = full_offer()})), encode_hex(vector_named("offer with every field")));
  EXPECT_EQ(encode_hex(encode_response(full_poll_reply())), encode_hex(vector_named("poll reply with every field")));
  EXPECT_EQ(encode_hex(encode_response(full_offer_reply())), encode_hex(vector_named("offer reply with every field")));
}

// What a message reads as, written again, or why it does not.
Result<Bytes, RendezvousErrc> read_again(const std::string& message, ByteView in) {
  if (message == "Request") {
    const auto request = parse_request(in);
    if (!request) return request.error();
    return encode_request(*request);
  }
  if (message == "Response") {
    const auto response = parse_response(in);
    if (!response) return response.error();
    return encode_response(*response);
  }
  if (message == "EgressReport") {
    const auto report = parse_egress_report(in);
    if (!report) return RendezvousErrc::Malformed;
    return encode_egress_report(*report);
  }
  const auto answer = parse_report_answer(in);
  if (!answer) return RendezvousErrc::Malformed;
  return encode_report_answer(*answer);
}

TEST(Rendezvous, ReadsEveryValidVectorAndWritesItBackUnchanged) {
  unsigned seen = 0;
  for (const auto& v : vectors()) {
    if (!v.at("valid").get<bool>()) continue;
    const auto hex = v.at("hex").get<std::string>();
    const auto again = read_again(v.at("message").get<std::string>(), parse_hex(hex).value());
    ASSERT_TRUE(again) << v.at("name");
    EXPECT_EQ(encode_hex(*again), hex) << v.at("name");
    ++seen;
  }
  EXPECT_GE(seen, 10U);
}

// Volunteers read their responses with a parser that knows no others.
TEST(Rendezvous, ReadsEachPollReplyForAVolunteerAsForAnybodyElse) {
  unsigned polls = 0, others = 0, invalid = 0;
  for (const auto& v : vectors()) {
    if (v.at("message").get<std::string>() != "Response") continue;
    SCOPED_TRACE(v.at("name").get<std::string>());
    const auto in = parse_hex(v.at("hex").get<std::string>()).value();
    const auto any = parse_response(in);
    const auto volunteers = parse_poll_response(in);
    if (any && !std::holds_alternative<std::monostate>(any->body) && !std::holds_alternative<PollReply>(any->body)) {
      ASSERT_TRUE(volunteers);
      EXPECT_TRUE(std::holds_alternative<std::monostate>(volunteers->body)) << "it is not for a volunteer";
      ++others;
    } else if (any) {
      ASSERT_TRUE(volunteers);
      EXPECT_EQ(encode_hex(encode_response(*volunteers)), encode_hex(encode_response(*any)));
      ++polls;
    } else if (!volunteers) {
      EXPECT_EQ(volunteers.error(), any.error());
      ++invalid;
    }
  }
  EXPECT_GE(polls, 2U);
  EXPECT_GE(others, 2U);
  EXPECT_GE(invalid, 2U);
}

TEST(Rendezvous, RefusesEveryInvalidVectorForItsReason) {
  unsigned seen = 0;
  for (const auto& v : vectors()) {
    if (v.at("valid").get<bool>()) continue;
    const auto in = parse_hex(v.at("hex").get<std::string>()).value();
    const auto expected =
        v.at("error").get<std::string>() == "version" ? RendezvousErrc::Version : RendezvousErrc::Malformed;
    const auto again = read_again(v.at("message").get<std::string>(), in);
    ASSERT_FALSE(again) << v.at("name");
    EXPECT_EQ(again.error(), expected) << v.at("name");
    ++seen;
  }
  EXPECT_GE(seen, 20U);
}

TEST(Rendezvous, RefusesEveryCutMessage) {
  const auto whole = encode_request({.body = full_poll()});
  for (std::size_t length = 0; length < whole.size(); ++length)
    EXPECT_FALSE(parse_request(ByteView(whole).first(length))) << length;
}

TEST(Rendezvous, SkipsFieldsOfALaterTime) {
  SeededRng rng(7);
  std::set<std::size_t> lengths;
  for (int i = 0; i < 200; ++i) {
    const auto greased = encode_request({.body = full_offer()}, rng);
    lengths.insert(greased.size());
    ASSERT_TRUE(parse_request(greased));
    ASSERT_TRUE(parse_response(encode_response(full_poll_reply(), rng)));
  }
  EXPECT_GT(lengths.size(), 10U);
}

TEST(Rendezvous, ReadsAnEnumeratorItDoesNotKnowAsUnknown) {
  const auto response = parse_response(parse_hex("0801103f").value());
  ASSERT_TRUE(response);
  EXPECT_EQ(response->refusal, Refusal::Unknown);
}

TEST(Rendezvous, ReadsWhatIsNoCountryAsAnUnknownOne) {
  auto text = to_string(encode_response(full_poll_reply()));
  const auto at = text.rfind("IR");
  for (const auto* letters : {"IR", "??", "ir", "1\n"}) {
    text.replace(at, 2, letters);
    const auto reply = parse_response(as_bytes(text));
    ASSERT_TRUE(reply) << letters;
    const auto country = std::get<PollReply>(reply->body).assignments.at(0).client_country;
    EXPECT_EQ(country.to_text(), letters == std::string_view("IR") ? "IR" : "??");
  }
}

TEST(Rendezvous, RefusesASixtyFourKibibyteBodyWithoutLookingInside) {
  EXPECT_EQ(parse_request(Bytes(kMaxRendezvousBytes + 1)).error(), RendezvousErrc::TooLarge);
}

std::string run_protoc(const std::string& arguments, ByteView input) {
  char path[] = "/tmp/footbridge-rendezvous-XXXXXX";
  const int fd = ::mkstemp(path);
  if (fd < 0) return {};
  std::FILE* file = ::fdopen(fd, "wb");
  std::fwrite(input.data(), 1, input.size(), file);
  std::fclose(file);
  std::string out;
  const auto command = "protoc " + arguments + " -I" FB_SOURCE_DIR "/proto rendezvous.proto < " + path + " 2>/dev/null";
  if (std::FILE* pipe = ::popen(command.c_str(), "r")) {
    char buffer[4096];
    while (const auto got = std::fread(buffer, 1, sizeof buffer, pipe)) out.append(buffer, got);
    ::pclose(pipe);
  }
  std::remove(path);
  return out;
}

TEST(Rendezvous, AgreesWithProtoc) {
  if (std::system("protoc --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "protoc is not installed";
  for (const auto& v : vectors()) {
    if (!v.contains("text")) continue;
    const auto message = v.at("message").get<std::string>();
    const auto encoded =
        run_protoc("--encode=footbridge.rendezvous." + message, as_bytes(v.at("text").get<std::string>()));
    EXPECT_EQ(encode_hex(as_bytes(encoded)), v.at("hex").get<std::string>()) << v.at("name");
    const auto decoded = run_protoc("--decode=footbridge.rendezvous." + message, as_bytes(encoded));
    EXPECT_FALSE(decoded.empty()) << v.at("name");
  }
}

}  // namespace
}  // namespace footbridge::wire
