#include "thimble/inventory/rpm_files.hpp"

#include <gtest/gtest.h>

namespace thimble::inventory {
namespace {

TEST(ParseRpmFiles, ReadsKindAndFlags) {
    const auto files = parse_rpm_files(
        "aa\t8\t17\t33188\t0\t/etc/t.conf\n"
        "\t8\t0\t16877\t0\t/usr/share/t\n"
        "bb\t(none)\t66\t33261\t2\t/usr/share/doc/a\tb\n");

    ASSERT_EQ(files.size(), 3U);
    EXPECT_EQ(files[0].path, "/etc/t.conf");
    EXPECT_EQ(files[0].digest, "aa");
    EXPECT_TRUE(files[0].is_sha256 && files[0].is_config && files[0].is_noreplace);
    EXPECT_TRUE(files[0].is_regular);
    EXPECT_FALSE(files[0].is_left_out);
    EXPECT_FALSE(files[1].is_regular || files[1].is_config);
    EXPECT_EQ(files[2].path, "/usr/share/doc/a\tb");
    EXPECT_TRUE(files[2].is_ghost && files[2].is_left_out);
    EXPECT_FALSE(files[2].is_sha256);
}

TEST(ParseRpmFiles, ReadsTheListOfAnArchiveThatHasNoStates) {
    EXPECT_FALSE(parse_rpm_files("aa\t8\t0\t33188\t(none)\t/x\n").at(0).is_left_out);
}

TEST(ParseRpmFiles, LeavesOutWhatItDoesNotUnderstand) {
    EXPECT_TRUE(parse_rpm_files("\n/x\na\tb\t0\t0\t0\trelative\naa\t8\tx\t0\t0\t/x\n").empty());
}

TEST(ParseRpmFiles, ReadsTheFieldsInTheOrderInWhichRpmIsAskedForThem) {
    EXPECT_EQ(
        rpm_files_format(),
        R"([%{FILEDIGESTS}\t%{=FILEDIGESTALGO}\t%{FILEFLAGS}\t%{FILEMODES}\t%{FILESTATES}\t%{FILENAMES}\n])");
}

}  // namespace
}  // namespace thimble::inventory
