#include "thimble/inventory/read_offers.hpp"

#include "thimble/inventory/fake_host_test.hpp"
#include "thimble/inventory/read_inventory.hpp"
#include "thimble/model/inventory.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
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
