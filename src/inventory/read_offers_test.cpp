#include "thimble/inventory/read_offers.hpp"

#include "thimble/inventory/apt_answer.hpp"
#include "thimble/inventory/fake_host_test.hpp"
#include "thimble/inventory/read_inventory.hpp"
#include "thimble/model/inventory.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace thimble::inventory {
namespace {

model::Inventory one_package() {
    model::Inventory inventory;
    inventory.architecture = "amd64";
    inventory.machine_id = "0123";
    inventory.packages.emplace_back().type = "deb";
    return inventory;
}

/// A shell script in place of thimble-apt.
class Stand {
public:
    explicit Stand(const std::string& script) {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "thimble-stand-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
        std::ofstream(path()) << "#!/bin/sh\n" << script << "\n";
        std::filesystem::permissions(path(), std::filesystem::perms::owner_all);
    }
    Stand(const Stand&) = delete;
    Stand& operator=(const Stand&) = delete;
    ~Stand() { std::filesystem::remove_all(folder_); }
    [[nodiscard]] std::string path() const { return folder_ / "thimble-apt"; }

private:
    std::filesystem::path folder_;
};

TEST(AptCommand, NamesTheRootWithItsArchitecturesAndMachineId) {
    FakeHost host;
    host.root = "/srv/image";
    host.files["/var/lib/dpkg/arch"] = "amd64\ni386\n";
    InventoryOptions options;
    options.cache = "/var/cache/thimble";

    EXPECT_EQ(
        apt_command(host, options, "thimble-apt", one_package()),
        (std::vector<std::string>{
            "thimble-apt",
            "--architectures",
            "amd64,i386",
            "--root",
            "/srv/image",
            "--machine-id",
            "0123",
            "--cache",
            "/var/cache/thimble"}));
}

TEST(ReadOffers, TakesTheAnswer) {
    const Stand stand(
        R"(echo '{"format":1,"index":{"asked":true,"refreshed_at":null,"problems":[]},)"
        R"("offers":[],"changelogs":[],"gaps":[]}')");
    FakeHost host;
    InventoryOptions options;
    options.helper = stand.path();
    model::Inventory inventory = one_package();

    read_offers(host, options, inventory);

    EXPECT_TRUE(inventory.gaps.empty());
    EXPECT_TRUE(inventory.index.asked);
}

/// What keeps the one offer of a host back.
std::vector<model::Blocker> blockers_of(model::Inventory inventory) {
    AptAnswer answer;
    answer.index.asked = true;
    model::Offer& offer = answer.offers.emplace_back();
    offer.name = "curl";
    offer.installed_version = "1";
    offer.candidate_version = "2";
    const Stand stand("cat <<'END'\n" + format_apt_answer(answer) + "\nEND");
    FakeHost host;
    InventoryOptions options;
    options.helper = stand.path();
    read_offers(host, options, inventory);
    return inventory.offers.empty() ? std::vector<model::Blocker>()
                                    : inventory.offers.front().blockers;
}

TEST(ReadOffers, KeepBackAllWhereSomethingIsHalfDone) {
    model::Inventory inventory = one_package();
    EXPECT_TRUE(blockers_of(inventory).empty());
    model::InstalledPackage& perl = inventory.packages.front();
    perl.name = "perl";
    for (const auto& [state, words] :
         {std::pair{model::PackageState::Unpacked, "perl is unpacked:"},
          std::pair{
              model::PackageState::HalfInstalled, "perl is half-installed: install it again, then"},
          std::pair{model::PackageState::TriggersPending, "perl is triggers-pending:"}}) {
        perl.state = state;
        const auto blockers = blockers_of(inventory);
        ASSERT_EQ(blockers.size(), 1);
        EXPECT_EQ(blockers.front().kind, model::BlockerKind::PackageManagerInterrupted);
        EXPECT_EQ(
            blockers.front().detail,
            words
                + std::string(
                    " run `thimble patch resume`, or `dpkg --configure -a` where no run is "
                    "unfinished"));
    }
    inventory.package_manager_interrupted = true;
    EXPECT_TRUE(
        blockers_of(inventory).front().detail.starts_with("dpkg was interrupted, or is at work: "));
}

TEST(ReadOffers, TellsAHelperThatFails) {
    const Stand stand("echo 'no index' >&2; exit 1");
    FakeHost host;
    InventoryOptions options;
    options.helper = stand.path();
    model::Inventory inventory = one_package();

    read_offers(host, options, inventory);

    ASSERT_EQ(inventory.gaps.size(), 1U);
    EXPECT_EQ(inventory.gaps.front().code, "inventory.no_offers");
    EXPECT_NE(inventory.gaps.front().detail.find("no index"), std::string::npos);
    EXPECT_FALSE(inventory.index.asked);
}

TEST(ReadOffers, TellsAnAnswerThatIsNone) {
    const Stand stand("echo hello");
    FakeHost host;
    InventoryOptions options;
    options.helper = stand.path();
    model::Inventory inventory = one_package();

    read_offers(host, options, inventory);

    ASSERT_EQ(inventory.gaps.size(), 1U);
    EXPECT_EQ(inventory.gaps.front().code, "inventory.no_offers");
}

TEST(ReadOffers, TellsAHostThatIsElsewhere) {
    FakeHost host;
    host.root = "";
    model::Inventory inventory = one_package();

    read_offers(host, {}, inventory);

    ASSERT_EQ(inventory.gaps.size(), 1U);
    EXPECT_EQ(inventory.gaps.front().code, "inventory.no_offers");
}

}  // namespace
}  // namespace thimble::inventory
