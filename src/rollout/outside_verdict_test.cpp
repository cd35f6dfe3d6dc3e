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

OutsideWord chosen(const std::vector<AskedPlace>& places, std::optional<OutsideWord> before = {}) {
    return chosen_outside_word(before, {places, true, ""});
}
AskedPlace by(AskedPlace place, const char* who) {
    place.who = who;
    return place;
}

TEST(ChosenOutsideWord, ProvesThatItHoldsOrDoesNotAndSaysWhoWasChosen) {
    using enum OutsideVerdict;
    const AskedPlace friendly = by(allowed(Connected), "friend");
    EXPECT_EQ(
        chosen({by(refused(NotConnected), "stranger"), friendly}),
        (OutsideWord{
            Held,
            "the server chose stranger, which is not allowed and does not get through, and "
            "friend, which is allowed and does"}));
    EXPECT_EQ(
        chosen({by(refused(Connected), "stranger"), friendly}),
        (OutsideWord{Open, "the refused place"}));
}

TEST(ChosenOutsideWord, TakesNothingFromItsOwnHostWhereNothingIsProven) {
    for (const PlaceAnswer of_allowed : {None, NotConnected, PlaceAnswer::Unknown}) {
        for (const PlaceAnswer of_refused : {None, NotConnected, PlaceAnswer::Unknown}) {
            const OutsideWord word = chosen({refused(of_refused), allowed(of_allowed)});
            EXPECT_EQ(word.verdict, OutsideVerdict::NotProbed);
            EXPECT_TRUE(word.why.starts_with("not probed from outside: ")) << word.why;
            EXPECT_TRUE(counts_outside(outside_verdict_name(word.verdict)));
        }
    }
    EXPECT_EQ(
        chosen({by(refused(None), "stranger"), allowed(Connected)}).why,
        "not probed from outside: the server chose stranger, which has not answered yet");
    EXPECT_EQ(
        chosen({refused(NotConnected)}).why,
        "not probed from outside: no allowed place asks 10.0.0.1:80, and a service that is down "
        "refuses everybody");
    const std::vector<AskedPlace> alone{by(refused(NotConnected), "stranger")};
    EXPECT_EQ(
        chosen_outside_word({}, {alone, false, ""}),
        (OutsideWord{
            OutsideVerdict::NotProbed,
            "not probed from outside: nobody who is allowed shows that anything answers there at "
            "all"}))
        << "one timeout proves nothing";
    EXPECT_EQ(
        chosen_outside_word({}, {{}, true, "nobody is there"}),
        (OutsideWord{OutsideVerdict::NotProbed, "not probed from outside: nobody is there"}));
}

TEST(ChosenOutsideWord, StaysOpenUntilARefusedPlaceIsSeenToBeRefused) {
    const OutsideWord open{OutsideVerdict::Open, "stranger reaches it"};
    EXPECT_EQ(chosen({refused(None), allowed(Connected)}, open).verdict, OutsideVerdict::Open);
    EXPECT_EQ(chosen({refused(PlaceAnswer::Unknown)}, open).verdict, OutsideVerdict::Open);
    EXPECT_EQ(
        chosen_outside_word(open, {{}, true, "its address is not known"}),
        (OutsideWord{
            OutsideVerdict::Open,
            "stranger reaches it; since then: not probed from outside: its address is not known"}))
        << "who hides gains nothing";
    EXPECT_EQ(chosen({refused(NotConnected)}, open).verdict, OutsideVerdict::NotProbed)
        << "with nobody among the allowed sources it counts as its own host says";
    EXPECT_EQ(
        chosen({refused(NotConnected), allowed(Connected)}, open).verdict, OutsideVerdict::Held);
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
