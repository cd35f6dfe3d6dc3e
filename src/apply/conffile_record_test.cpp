#include "thimble/apply/conffile_record.hpp"

#include "thimble/apply/dpkg_database.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace thimble::apply {
namespace {

DpkgEntry entry_of(const std::string& text) {
    const auto entries = parse_dpkg_database(text);
    EXPECT_TRUE(entries && entries->size() == 1) << text;
    return entries->front();
}

const std::string kHead = "Package: a\nStatus: hold ok installed\nArchitecture: all\nVersion: 1\n";
const std::string kBefore = "Conffiles:\n /etc/a 11\n /etc/b 22 obsolete\n /etc/c d 33\n";
const std::string kRest = "Description: a\n more\n";

TEST(ConffileRecord, IsReadAgainAndGivenBackByteForByte) {
    const DpkgEntry before = entry_of(kHead + kBefore + kRest);
    const std::array entries{&before};
    const DpkgEntry record = entry_of(format_conffile_records(entries));
    EXPECT_EQ(record.conffiles, before.conffiles);
    const DpkgEntry now = entry_of(kHead + "Conffiles:\n /etc/a 99 obsolete\n" + kRest);

    const auto stanza = with_recorded_conffiles(now, record);

    ASSERT_TRUE(stanza);
    EXPECT_EQ(*stanza, kHead + kRest + kBefore);
    EXPECT_FALSE(with_recorded_conffiles(entry_of(*stanza), record)) << "and then it is the same";
}

TEST(ConffileRecord, IsOfNoneAsWell) {
    const DpkgEntry before = entry_of(kHead + kRest);
    const std::array entries{&before};
    const DpkgEntry record = entry_of(format_conffile_records(entries));

    EXPECT_EQ(with_recorded_conffiles(entry_of(kHead + kBefore + kRest), record), kHead + kRest);
}

TEST(ConffileRecord, IsNoneOfAnotherVersionOrOfWhatIsNotSetUp) {
    const DpkgEntry record = entry_of(kHead + kBefore);

    EXPECT_FALSE(with_recorded_conffiles(
        entry_of("Package: a\nStatus: install ok installed\nArchitecture: all\nVersion: 2\n"),
        record));
    EXPECT_FALSE(with_recorded_conffiles(
        entry_of("Package: a\nStatus: install ok unpacked\nArchitecture: all\nVersion: 1\n"),
        record));
}

}  // namespace
}  // namespace thimble::apply
