#include "thimble/inventory/inventory_document.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace thimble::inventory {
namespace {

const std::string kDigest(64, 'a');

/// Any text of valid UTF-8, with what JSON has to escape.
rc::Gen<std::string> any_text() {
    return rc::gen::map(
        rc::gen::container<std::vector<std::string>>(
            rc::gen::element<std::string>("a", "Z", "0", "\"", "\\", "\n", "\x01", "é", "日", " ")),
        [](const std::vector<std::string>& parts) {
            std::string text;
            for (const std::string& part : parts) {
                text += part;
            }
            return text.size() <= 300 ? text : std::string("long");
        });
}

model::InstalledPackage any_package() {
    model::InstalledPackage package;
    package.type = *rc::gen::element<std::string>("deb", "rpm", "apk");
    package.name = "n" + *any_text();
    package.version = *any_text();
    package.architecture = *any_text();
    package.source_name = *any_text();
    package.source_version = *any_text();
    package.state = *rc::gen::element(
        model::PackageState::Installed,
        model::PackageState::HalfInstalled,
        model::PackageState::Unpacked,
        model::PackageState::HalfConfigured,
        model::PackageState::TriggersAwaited,
        model::PackageState::TriggersPending);
    package.held = *rc::gen::arbitrary<bool>();
    package.essential = *rc::gen::arbitrary<bool>();
    package.origin = *any_text();
    package.module_stream = *any_text();
    return package;
}

model::Inventory any_inventory() {
    model::Inventory inventory;
    inventory.host = *any_text();
    inventory.os = {
        .id = *any_text(),
        .version_id = *any_text(),
        .version_codename = *any_text(),
        .pretty_name = *any_text(),
        .id_like = {*any_text()}};
    inventory.architecture = *any_text();
    inventory.machine_id = *any_text();
    inventory.kernel = {
        .running_release = *any_text(),
        .running_version = *any_text(),
        .newest_release = *any_text(),
        .container = *rc::gen::arbitrary<bool>(),
        .booted_at = *rc::gen::element<std::optional<Instant>>(
            std::nullopt, Instant(std::chrono::seconds(1'700'000'000)))};
    inventory.stale_processes.push_back(
        {.pid = *rc::gen::arbitrary<std::uint32_t>(),
         .command = *any_text(),
         .unit = *any_text(),
         .unit_kind = *any_text(),
         .files = {*any_text(), *any_text()},
         .heuristic = *rc::gen::arbitrary<bool>()});
    inventory.listeners.push_back(
        {.protocol = "tcp",
         .address = *any_text(),
         .port = *rc::gen::arbitrary<std::uint16_t>(),
         .loopback = *rc::gen::arbitrary<bool>(),
         .pid = *rc::gen::arbitrary<std::uint32_t>(),
         .command = *any_text(),
         .package = *any_text()});
    inventory.listeners_known = *rc::gen::arbitrary<bool>();
    inventory.processes_known = *rc::gen::arbitrary<bool>();
    inventory.reboot_required = *rc::gen::arbitrary<bool>();
    inventory.package_manager_interrupted = *rc::gen::arbitrary<bool>();
    inventory.index.asked = *rc::gen::arbitrary<bool>();
    inventory.index.problems = {*any_text()};
    model::Offer offer;
    offer.name = *any_text();
    offer.security = *rc::gen::arbitrary<bool>();
    offer.origins.emplace_back().origin = *any_text();
    inventory.offers.push_back(offer);
    inventory.gaps.push_back({.code = *any_text(), .detail = *any_text(), .next = *any_text()});
    return inventory;
}

TEST(InventoryDocument, ParseOfFormatIsIdentity) {
    EXPECT_TRUE(rc::check([] {
        const model::Inventory inventory = any_inventory();

        const auto read = parse_inventory(format_inventory(inventory, kDigest));

        RC_ASSERT(read.has_value());
        RC_ASSERT(read->inventory == inventory);
        RC_ASSERT(read->package_list == kDigest);
    }));
}

TEST(InventoryDocument, TellsWhichVulnerabilitiesChangelogsName) {
    model::Inventory inventory;
    inventory.changelogs = {
        {"curl", "1", "2", {"CVE-2026-1"}, "high", {"read me"}, "curl 2 amd64"}};
    trim_changelogs(inventory);

    const auto read = parse_inventory(format_inventory(inventory, kDigest));

    ASSERT_TRUE(read);
    EXPECT_EQ(read->inventory.changelogs, inventory.changelogs);
    ASSERT_EQ(read->inventory.changelogs.size(), 1U);
    EXPECT_EQ(read->inventory.changelogs.front().vulnerabilities.front(), "CVE-2026-1");
    EXPECT_TRUE(read->inventory.changelogs.front().news.empty());
}

TEST(InventoryDocument, LeavesEvidenceOutAsAWholeWhenThereIsTooMuch) {
    model::Inventory inventory;
    const std::vector<std::string> many(kMaxToldVulnerabilities - 1, "CVE-2026-1");
    inventory.changelogs = {
        {"a", "1", "2", many, "", {}, ""},
        {"b", "1", "2", {"CVE-2026-2", "CVE-2026-3"}, "", {}, ""},
        {"c", "1", "2", {"CVE-2026-4"}, "", {}, ""}};

    trim_changelogs(inventory);

    ASSERT_EQ(inventory.changelogs.size(), 2U);
    EXPECT_EQ(inventory.changelogs.back().source_name, "c");
}

TEST(InventoryDocument, IsTheSameWhateverKeptAChangelogAway) {
    model::Inventory refused;
    refused.gaps = {{"inventory.no_changelog", "curl: 192.0.2.1 refused", ""}, {"other", "", ""}};
    model::Inventory late = refused;
    late.gaps.front().detail = "curl: not fetched within the time limit";
    trim_changelogs(refused);
    trim_changelogs(late);

    EXPECT_EQ(format_inventory(refused, kDigest), format_inventory(late, kDigest));
    EXPECT_EQ(refused.gaps.size(), 1U);
}

TEST(InventoryDocument, DoesNotChangeWithTheInstantOrThePackages) {
    model::Inventory inventory;
    const std::string text = format_inventory(inventory, kDigest);

    inventory.taken_at = Instant(std::chrono::seconds(5));
    inventory.packages.emplace_back();

    EXPECT_EQ(format_inventory(inventory, kDigest), text);
}

TEST(InventoryDocument, IsRefusedWhenItRefersToNoDigest) {
    const model::Inventory inventory;
    for (const std::string& digest :
         {std::string(), std::string("../x"), std::string(64, 'A'), std::string(65, 'a')}) {
        const auto read = parse_inventory(format_inventory(inventory, digest));
        ASSERT_FALSE(read.has_value());
        EXPECT_EQ(read.error().code, "inventory.bad_document");
    }
}

TEST(InventoryDocument, IsRefusedWhenANumberIsTooLarge) {
    model::Inventory inventory;
    inventory.listeners.emplace_back().port = 65535;
    std::string text = format_inventory(inventory, kDigest);
    ASSERT_TRUE(parse_inventory(text).has_value());

    text.replace(text.find("65535"), 5, "65536");

    EXPECT_FALSE(parse_inventory(text).has_value());
}

TEST(PackageList, ParseOfFormatIsIdentity) {
    EXPECT_TRUE(rc::check([] {
        const std::vector<model::InstalledPackage> packages{any_package(), any_package()};

        const auto read = parse_package_list(format_package_list(packages));

        RC_ASSERT(read.has_value());
        RC_ASSERT(std::ranges::is_permutation(*read, packages));
        RC_ASSERT(format_package_list(*read) == format_package_list(packages));
    }));
}

TEST(PackageList, HasTheSameBytesInWhateverOrderThePackagesCome) {
    model::InstalledPackage a;
    a.type = "deb";
    a.name = "a";
    model::InstalledPackage b = a;
    b.name = "b";

    EXPECT_EQ(format_package_list(std::vector{a, b}), format_package_list(std::vector{b, a}));
}

TEST(PackageList, IsRefusedBeyondItsLimits) {
    model::InstalledPackage package;
    package.type = "deb";
    package.name.assign(kMaxPackageTextBytes, 'a');
    EXPECT_TRUE(parse_package_list(format_package_list({&package, 1})).has_value());

    package.name += 'a';
    EXPECT_FALSE(parse_package_list(format_package_list({&package, 1})).has_value());

    package.name = "a";
    const std::vector many(kMaxListedPackages + 1, package);
    EXPECT_FALSE(parse_package_list(format_package_list(many)).has_value());
}

TEST(PackageList, IsRefusedWhenItIsNotUtf8) {
    std::string text = R"({"format":"thimble.packages/1","packages":[]})";
    ASSERT_TRUE(parse_package_list(text).has_value());

    text.insert(text.size() - 1, ",\"x\":\"\xff\"");

    EXPECT_FALSE(parse_package_list(text).has_value());
}

TEST(PackageList, IsRefusedWhenAnEntryIsOddOrTooLong) {
    model::InstalledPackage package;
    package.type = "deb";
    package.name = "a";
    const std::string good = format_package_list({&package, 1});
    const auto refused = [&good](std::string_view from, std::string_view to) {
        std::string text = good;
        text.replace(text.find(from), from.size(), to);
        return !parse_package_list(text).has_value();
    };

    EXPECT_TRUE(refused(R"("installed")", R"("mounted")"));
    EXPECT_TRUE(refused(R"("name":"a")", R"("name":"")"));
    EXPECT_TRUE(refused("thimble.packages/1", "thimble.packages/9"));
    package.version = package.origin = std::string(kMaxPackageTextBytes + 1, 'a');
    EXPECT_FALSE(parse_package_list(format_package_list({&package, 1})).has_value());
}

}  // namespace
}  // namespace thimble::inventory
