#include "thimble/mitigate/parse_virtual_patch.hpp"

#include <gtest/gtest.h>

namespace thimble::mitigate {
namespace {

const std::string kRequests = R"(
attacks: [{target: "/?q=1"}]
benign: [{target: /}]
)";
const std::string kHead = R"(
virtual_patch: one
covers: CVE-2024-0001
attack: pattern
)";

std::string error_of(const std::string& text) {
    const auto patch = parse_virtual_patch(text);
    return patch ? "" : patch.error().message;
}

TEST(ParseVirtualPatch, ReadsPlacesWithTheirNames) {
    const auto patch = parse_virtual_patch(
        kHead + "pattern: x\nin: [path, argument q, header X-Api, cookies, body]" + kRequests);

    ASSERT_TRUE(patch) << patch.error().text();
    EXPECT_EQ(
        patch->targets,
        (std::vector<AttackTarget>{
            {RequestPart::Path, ""},
            {RequestPart::Arguments, "q"},
            {RequestPart::Headers, "X-Api"},
            {RequestPart::Cookies, ""},
            {RequestPart::Body, ""}}));
    EXPECT_EQ(patch->first_id, default_first_id("one"));
    EXPECT_EQ(patch->first_id % kIdsOfAPatch, 0U);
}

TEST(ParseVirtualPatch, RefusesWhatCannotBeMeantAndSaysWhere) {
    const std::string whole = kHead + "pattern: x\nin: path" + kRequests;
    ASSERT_EQ(error_of(whole), "");
    EXPECT_EQ(error_of(whole + "limt: 3\n").substr(0, 29), "limt: it is not known here; w");
    EXPECT_EQ(
        error_of(kHead + "pattern: x\nin: argument" + kRequests).substr(0, 27),
        "in: \"argument\" is not one o");
    EXPECT_EQ(error_of(kHead + "in: path" + kRequests).substr(0, 11), "pattern: it");
    EXPECT_EQ(
        error_of(kHead + "pattern: x\nin: path\nattacks: [{target: /}]"),
        "benign: at least one request is wanted: a rule that was never tried is no control");
    EXPECT_EQ(
        error_of(
            kHead + "pattern: x\nin: path\nattacks: [{target: \"/a b\"}]\nbenign: [{target: /}]"),
        "attacks[1].target: it begins with / and has no white space, as on the wire");
    EXPECT_EQ(
        error_of("virtual_patch: \"a'b\"\ncovers: CVE-1\nattack: pattern\n").substr(0, 14),
        "virtual_patch:");
    EXPECT_EQ(error_of(whole + "first_id: 200001\n").substr(0, 9), "first_id:");
}

}  // namespace
}  // namespace thimble::mitigate
