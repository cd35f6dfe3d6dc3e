#include "thimble/server/leadership.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <map>

namespace thimble::server {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Instant kNow{seconds(1'790'000'000)};
constexpr Leadership::Ticks kTicks{std::chrono::hours(5)};

store::ServerLead lead(const std::string& holder, Instant until) {
    return {holder, "https://" + holder, until};
}

/// Some servers, their database, and the time that really passes. Messages take their time, servers are
/// stopped and go on, and no clock goes like another.
class World {
public:
    static constexpr std::size_t kServers = 3;

    World() : percent_(*rc::gen::container<std::array<int, kServers>>(rc::gen::inRange(85, 116))) {}

    /// A server looks, and asks if it is time; what the database answers arrives later.
    void look(std::size_t server, milliseconds there, milliseconds back) {
        Asking& asking = askings_.at(server);
        if (asking.is_under_way
            || !leaderships_.at(server).is_to_ask(
                ticks_of(server, now_), kept_, name(server), database_clock(now_))) {
            return;
        }
        asking = {true, ticks_of(server, now_)};
        at_.emplace(now_ + there, Step{server, starts_.at(server), false, back});
    }
    /// It starts anew, as somebody else; an answer that is on its way reaches nobody.
    void kill(std::size_t server) {
        leaderships_.at(server) = Leadership();
        askings_.at(server).is_under_way = false;
        ++starts_.at(server);
    }

    void pass(milliseconds time) {
        const milliseconds end = now_ + time;
        while (!at_.empty() && at_.begin()->first <= end) {
            now_ = at_.begin()->first;
            const Step step = at_.begin()->second;
            at_.erase(at_.begin());
            arrive(step);
            expect_one_leader();
        }
        now_ = end;
        expect_one_leader();
    }
    [[nodiscard]] std::size_t leaders() const {
        std::size_t count = 0;
        for (std::size_t server = 0; server < kServers; ++server) {
            count += leaderships_.at(server).leads(ticks_of(server, now_)) ? 1 : 0;
        }
        return count;
    }

private:
    struct Asking {
        bool is_under_way = false;
        Leadership::Ticks at;
    };
    struct Step {
        std::size_t server = 0;
        int start = 0;
        bool is_answer = false;
        milliseconds back{0};
        bool is_granted = false;
    };

    [[nodiscard]] std::string name(std::size_t server) const {
        return std::to_string(server) + "-" + std::to_string(starts_.at(server));
    }
    static Instant database_clock(milliseconds now) {
        return kNow + std::chrono::floor<seconds>(now);
    }
    [[nodiscard]] Leadership::Ticks ticks_of(std::size_t server, milliseconds now) const {
        return kTicks + now * percent_.at(server) / 100;
    }
    void arrive(const Step& step) {
        const std::string asks = std::to_string(step.server) + "-" + std::to_string(step.start);
        if (step.is_answer && asks != name(step.server)) {
            return;
        }
        Asking& asking = askings_.at(step.server);
        if (step.is_answer) {
            asking.is_under_way = false;
            if (step.is_granted) {
                leaderships_.at(step.server).granted(asking.at, false);
            } else {
                leaderships_.at(step.server).refused();
            }
            return;
        }
        const auto next = next_lead(kept_, lead(asks, {}), database_clock(now_));
        kept_ = next.value_or(kept_);
        at_.emplace(now_ + step.back, Step{step.server, step.start, true, {}, next.has_value()});
    }
    void expect_one_leader() const { RC_ASSERT(leaders() <= 1U); }

    std::array<int, kServers> percent_;  ///< of the pace of time, for each server's clock
    milliseconds now_{0};
    store::ServerLead kept_;
    std::array<Leadership, kServers> leaderships_;
    std::array<Asking, kServers> askings_;
    std::array<int, kServers> starts_{};
    std::multimap<milliseconds, Step> at_;
};

}  // namespace

TEST(NextLead, IsForWhoHoldsItAndForEverybodyOnceItIsOver) {
    const store::ServerLead kept = lead("a", kNow + seconds(1));

    EXPECT_FALSE(next_lead(kept, lead("b", {}), kNow));
    EXPECT_EQ(next_lead(kept, lead("a", {}), kNow), lead("a", kNow + kLead));
    EXPECT_EQ(
        next_lead(kept, lead("b", {}), kNow + seconds(1)), lead("b", kNow + seconds(1) + kLead));
    EXPECT_EQ(next_lead({}, lead("b", {}), kNow), lead("b", kNow + kLead));
}

TEST(HoldsLead, EndsWithTheSecond) {
    EXPECT_TRUE(holds_lead(lead("a", kNow), "a", kNow - seconds(1)));
    EXPECT_FALSE(holds_lead(lead("a", kNow), "a", kNow));
    EXPECT_FALSE(holds_lead(lead("a", kNow), "b", kNow - seconds(1)));
}

TEST(Leadership, IsBelievedFromTheGrantUntilBeforeItsEnd) {
    Leadership known;
    EXPECT_FALSE(known.leads(kTicks));
    known.granted(kTicks, true);
    EXPECT_TRUE(known.leads(kTicks + kLead - kLeadMargin - milliseconds(1)));
    EXPECT_FALSE(known.leads(kTicks + kLead - kLeadMargin));
    known.refused();
    EXPECT_FALSE(known.leads(kTicks));
    EXPECT_EQ(known.terms(), 1);
}

TEST(Leadership, IsAskedForInTime) {
    Leadership known;
    EXPECT_FALSE(known.is_to_ask(kTicks, lead("a", kNow + seconds(1)), "b", kNow));
    EXPECT_TRUE(known.is_to_ask(kTicks, lead("a", kNow), "b", kNow));
    known.granted(kTicks, true);
    const store::ServerLead kept = lead("b", kNow + kLead);
    EXPECT_FALSE(known.is_to_ask(kTicks + seconds(2), kept, "b", kNow));
    EXPECT_TRUE(known.is_to_ask(kTicks + kLeadRenewal, kept, "b", kNow));
    // It was stopped for so long that it believes no more what the database still says.
    EXPECT_TRUE(known.is_to_ask(kTicks + kLead, kept, "b", kNow));
}

TEST(Leadership, NeverTwoServersLeadAtOneInstant) {
    EXPECT_TRUE(rc::check([] {
        World world;
        const auto delay = rc::gen::weightedOneOf<int>(
            {{8, rc::gen::inRange(0, 300)}, {2, rc::gen::inRange(0, 40'000)}});
        const int steps = *rc::gen::inRange(20, 200);
        for (int step = 0; step < steps; ++step) {
            const auto server = *rc::gen::inRange<std::size_t>(0, World::kServers);
            if (*rc::gen::inRange(0, 20) == 0) {
                world.kill(server);
            }
            world.look(server, milliseconds(*delay), milliseconds(*delay));
            world.pass(milliseconds(*rc::gen::inRange(0, 4'000)));
        }
    }));
}

TEST(Leadership, MovesWithinItsTimeWhenTheLeaderIsKilled) {
    EXPECT_TRUE(rc::check("it is never without a leader for longer than the lead and a look", [] {
        World world;
        const auto look_at_all = [&] {
            for (std::size_t server = 0; server < World::kServers; ++server) {
                world.look(server, milliseconds(5), milliseconds(5));
            }
            world.pass(milliseconds(500));
        };
        look_at_all();
        RC_ASSERT(world.leaders() == 1U);
        world.kill(0);
        world.kill(1);
        world.kill(2);
        int looks = 0;
        while (world.leaders() == 0 && looks < 100) {
            look_at_all();
            ++looks;
        }
        RC_ASSERT(looks * milliseconds(500) <= kLead + seconds(1));
    }));
}

}  // namespace thimble::server
