#include "thimble/server/exception_scope.hpp"

#include "thimble/server/fleet_scene_test.hpp"
#include "thimble/store/fleet.hpp"

#include <gtest/gtest.h>

namespace thimble::server {
namespace {

using Words = std::vector<std::string>;

/// web1 has curl and libcurl4 of it, web2 has not told what it has.
struct ScopeScene : FleetScene {
    ScopeScene() {
        model::Inventory inventory = host_with("7.88.1-10");
        inventory.packages.push_back(inventory.packages[0]);
        inventory.packages[1].name = "libcurl4";
        add_host("web1", keep_inventory(inventory), "web");
        add_host("web2", "", "web");
    }
    void judge() {
        use_catalog(catalog::ACatalog(
            {catalog::AnAdvisory("CVE-2026-1").affects("Debian:12", "curl", "0", "7.88.1-11"),
             catalog::AnAdvisory("CVE-2026-2").affects("Debian:12", "nginx", "0", "2")}));
        pass();
    }
    Result<Words> doubts(
        const Words& hosts, const Words& packages, const Words& vulnerabilities = {}) {
        return doubts_about_scope(context, {"web", "", hosts, packages, vulnerabilities});
    }
};

TEST(DoubtsAboutScope, AreNoneOfPackagesThatANamedHostHas) {
    ScopeScene scene;

    EXPECT_EQ(*scene.doubts({"web1"}, {"curl"}), Words{});
    EXPECT_EQ(*scene.doubts({"web1", "web2"}, {"curl"}), Words{});
}

TEST(DoubtsAboutScope, RefuseWhatNoNamedHostHas) {
    ScopeScene scene;

    const auto refused = scene.doubts({"web1"}, {"ngnix", "libcurl4"});

    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, "server.no_package");
    EXPECT_TRUE(
        refused.error().text().contains(R"(has the source package "ngnix"; patches of "libcurl4" )"
                                        "go by their source: name curl"))
        << refused.error().text();
}

TEST(DoubtsAboutScope, KnowKernelsByTheNameOfTheirPatches) {
    ScopeScene scene;
    model::Inventory inventory = scene.host_with("7.88.1-10", "web3");
    inventory.packages.push_back(inventory.packages[0]);
    inventory.packages[1].name = "linux-image-amd64";
    inventory.packages[1].source_name = "linux-signed-amd64";
    scene.add_host("web3", scene.keep_inventory(inventory), "web");

    EXPECT_EQ(*scene.doubts({"web3"}, {"linux"}), Words{});
    EXPECT_EQ(scene.doubts({"web1"}, {"linux"}).error().code, "server.no_package");
    const auto refused = scene.doubts({"web3"}, {"linux-signed-amd64"});
    ASSERT_FALSE(refused.has_value());
    EXPECT_TRUE(refused.error().text().contains("go by their source: name linux"));
}

TEST(DoubtsAboutScope, TakeWhatANamedHostMissesAPatchOf) {
    ScopeScene scene;
    store::FleetJudgement judgement;
    judgement.host.host_id = "web1";
    store::FleetPatch& patch = judgement.patches.emplace_back();
    patch.source = "libcurl4";
    patch.from_version = "1";
    patch.to_version = "2";
    patch.state = "ready";
    ASSERT_TRUE(scene.database.transact([&](store::Connection& connection) {
        return store::write_judgement(connection, judgement);
    }));
    scene.add_host("web3", scene.keep_inventory("7.88.1-10", true, "web3"), "web");

    EXPECT_EQ(*scene.doubts({"web1"}, {"libcurl4"}), Words{});
    EXPECT_EQ(scene.doubts({"web3"}, {"libcurl4"}).error().code, "server.no_package");
}

TEST(DoubtsAboutScope, DoNotTakeSilenceForAnAnswer) {
    ScopeScene scene;

    const auto doubts = scene.doubts({"web1", "web2"}, {"ngnix"});

    ASSERT_TRUE(doubts.has_value());
    ASSERT_EQ(doubts->size(), 1U);
    EXPECT_TRUE(doubts->front().ends_with("1 of them have not told what they have"));
}

TEST(DoubtsAboutScope, SayWhatNoHostOfAGroupIsKnownToHave) {
    ScopeScene scene;
    EXPECT_TRUE(scene.doubts({}, {"curl"})->front().starts_with("whether a host has these"))
        << "there is no catalog";
    scene.judge();

    EXPECT_EQ(*scene.doubts({}, {"curl"}), Words{});
    const Words doubts = *scene.doubts({}, {"curl", "ngnix"});
    ASSERT_EQ(doubts.size(), 1U);
    EXPECT_TRUE(doubts.front().contains(R"(known to have the source package "ngnix")"));
}

TEST(DoubtsAboutScope, SayWhichVulnerabilityIsOpenNowhere) {
    ScopeScene scene;
    scene.judge();

    EXPECT_EQ(*scene.doubts({"web1"}, {}, {"CVE-2026-1"}), Words{});
    const Words doubts = *scene.doubts({"web1"}, {}, {"CVE-2026-1", "CVE-2026-2"});
    ASSERT_EQ(doubts.size(), 1U);
    EXPECT_TRUE(doubts.front().starts_with("CVE-2026-2 is open on no host that it is for"));
}

}  // namespace
}  // namespace thimble::server
