#include "thimble/rollout/outside_verdict.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace thimble::rollout {
namespace {

using enum PlaceAnswer;

AskedPlace allowed(PlaceAnswer answer) {
    return {true, "10.0.0.1:80", answer, "the allowed place"};
}
AskedPlace refused(PlaceAnswer answer) {
    return {false, "10.0.0.1:80", answer, "the refused place"};
}

OutsideVerdict verdict(const std::vector<AskedPlace>& places, bool allows_somebody = true) {
    return outside_word(places, allows_somebody).verdict;
}

TEST(OutsideVerdict, HoldsWhenTheAllowedPlaceGetsThroughAndTheRefusedOneDoesNot) {
    EXPECT_EQ(verdict({allowed(Connected), refused(NotConnected)}), OutsideVerdict::Held);
    EXPECT_EQ(verdict({refused(NotConnected)}, false), OutsideVerdict::Held) << "nobody is allowed";
    EXPECT_EQ(
        verdict({allowed(Connected), refused(NotConnected), refused(NotConnected)}),
        OutsideVerdict::Held);
}

TEST(OutsideVerdict, OfARefusedPlaceThatGetsThroughIsOpenWhateverElseIsSaid) {
    for (const PlaceAnswer other : {None, Connected, NotConnected, Unknown}) {
        const std::vector places{allowed(other), refused(other), refused(Connected)};
        EXPECT_EQ(verdict(places), OutsideVerdict::Open);
        EXPECT_EQ(outside_word(places, true).why, "the refused place");
    }
}

TEST(OutsideVerdict, IsNeverFineWhenSomebodyCouldNotSay) {
    EXPECT_EQ(verdict({allowed(Connected), refused(Unknown)}), OutsideVerdict::Unknown);
    EXPECT_EQ(verdict({allowed(Unknown), refused(NotConnected)}), OutsideVerdict::Unknown);
    EXPECT_EQ(verdict({allowed(Connected), refused(None)}), OutsideVerdict::Asked);
    EXPECT_EQ(verdict({allowed(NotConnected), refused(NotConnected)}), OutsideVerdict::Shut)
        << "a service that is down refuses everybody";
    EXPECT_EQ(verdict({refused(NotConnected)}), OutsideVerdict::Unknown) << "likewise";
    EXPECT_EQ(verdict({allowed(Connected)}), OutsideVerdict::Unknown);
    AskedPlace elsewhere = refused(NotConnected);
    elsewhere.target = "10.0.0.1:81";
    EXPECT_EQ(
        verdict({allowed(Connected), refused(NotConnected), elsewhere}), OutsideVerdict::Unknown)
        << "nobody has seen that something answers there";
    EXPECT_EQ(verdict({}), OutsideVerdict::NotProbed);
    EXPECT_EQ(place_answer_named("perhaps"), Unknown);
}

TEST(OutsideVerdict, StaysOpenUntilRefusedPlacesAreSeenToBeRefused) {
    using enum OutsideVerdict;
    const std::vector<std::pair<OutsideVerdict, OutsideVerdict>> after_open{
        {OutsideVerdict::Unknown, Open}, {Asked, Open}, {Held, Held}, {Shut, Shut}};
    for (const auto& [word, after] : after_open) {
        EXPECT_EQ(next_outside_word(OutsideWord{Open, ""}, {word, "x"}).verdict, after);
        EXPECT_EQ(next_outside_word(OutsideWord{Held, ""}, {word, "x"}).verdict, word);
        EXPECT_EQ(next_outside_word(std::nullopt, {word, "x"}).verdict, word);
    }
}

TEST(OutsideVerdict, GoesOnToSayWhoGotThrough) {
    OutsideWord word{OutsideVerdict::Open, "laptop reaches it"};
    for (const char* const why : {"laptop said nothing", "laptop is not heard of"}) {
        word = next_outside_word(word, {OutsideVerdict::Unknown, why});
        EXPECT_EQ(word.why, std::string("laptop reaches it; since then: ") + why);
    }
}

TEST(OutsideVerdict, CountsWhereItHoldsOrNobodyWasNamed) {
    for (const char* const word : {"", "not-probed", "held"}) {
        EXPECT_TRUE(counts_outside(word)) << word;
    }
    for (const char* const word : {"asked", "open", "shut", "unknown", "a later word"}) {
        EXPECT_FALSE(counts_outside(word)) << word;
    }
    EXPECT_EQ(outside_verdict_named("shut"), OutsideVerdict::Shut);
    EXPECT_EQ(outside_verdict_name(OutsideVerdict::NotProbed), "not-probed");
}

}  // namespace
}  // namespace thimble::rollout
