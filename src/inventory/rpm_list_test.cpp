#include "thimble/inventory/rpm_list.hpp"

#include <gtest/gtest.h>

namespace thimble::inventory {
namespace {

TEST(ParseRpmList, ReadsEpochSourceAndStream) {
    const auto list = parse_rpm_list(
        "perl-Pod-Escapes\t1\t1.04-299.el7\tnoarch\tperl-5.16.3-299.el7.src.rpm\t(none)\tCentOS\n"
        "postgresql\t(none)\t12.5-1\tx86_64\tpostgresql-12.5-1.src.rpm\tpostgresql:12:8030:2f\tX\n"
        "gpg-pubkey\t(none)\t8483c65d-5ccc5b19\t(none)\t(none)\t(none)\t(none)\n");

    ASSERT_EQ(list.packages.size(), 2U);
    EXPECT_EQ(list.packages[0].type, "rpm");
    EXPECT_EQ(list.packages[0].version, "1:1.04-299.el7");
    EXPECT_EQ(list.packages[0].source_name, "perl");
    EXPECT_EQ(list.packages[0].source_version, "5.16.3-299.el7");
    EXPECT_EQ(list.packages[0].origin, "CentOS");
    EXPECT_EQ(list.packages[0].module_stream, "");
    EXPECT_EQ(list.packages[1].version, "12.5-1");
    EXPECT_EQ(list.packages[1].module_stream, "postgresql:12");
    EXPECT_TRUE(list.gaps.empty());
}

TEST(ParseRpmList, QuarantinesWhatItDoesNotUnderstand) {
    const auto list = parse_rpm_list(
        "a\tb\n\t\t1-1\tnoarch\t\t\t\na\t(none)\t1-1\tnoarch\tx.src.rpm\t(none)\t(none)\textra\n"
        "ok\t(none)\t1-1\tnoarch\t(none)\t(none)\t(none)\n");

    ASSERT_EQ(list.packages.size(), 1U);
    EXPECT_EQ(list.packages[0].source_name, "ok");
    EXPECT_EQ(list.gaps.size(), 3U);
}

}  // namespace
}  // namespace thimble::inventory
