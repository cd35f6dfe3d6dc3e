#include "thimble/model/cvss.hpp"

#include <gtest/gtest.h>

namespace thimble::model {
namespace {

// "9.8 Critical", or the reason why not.
std::string scored(std::string_view vector) {
    const auto cvss = parse_cvss(vector);
    if (!cvss) {
        return cvss.error().message;
    }
    return std::to_string(cvss->score_tenths / 10) + "." + std::to_string(cvss->score_tenths % 10)
        + " " + std::string(severity_name(cvss->severity));
}

const std::string k31 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H";
const std::string k40 = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H";

TEST(ParseCvss, ScoresTheBase) {
    EXPECT_EQ(scored(k31), "9.8 Critical");
    EXPECT_EQ(scored("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N"), "6.1 Medium");
    EXPECT_EQ(scored("CVSS:3.0/AV:L/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:N"), "0.0 None");
    EXPECT_EQ(scored(k40), "10.0 Critical");
    EXPECT_EQ(scored("AV:N/AC:L/Au:N/C:C/I:C/A:C"), "10.0 High");
    EXPECT_EQ(scored("(AV:N/AC:L/Au:N/C:N/I:N/A:P)"), "5.0 Medium");
    EXPECT_EQ(scored("AV:L/AC:H/Au:M/C:N/I:N/A:N"), "0.0 Low");
}

TEST(ParseCvss, TellsTheVersion) {
    EXPECT_EQ(parse_cvss(k31)->version, 31);
    EXPECT_EQ(parse_cvss("CVSS:3.0" + k31.substr(8))->version, 30);
    EXPECT_EQ(parse_cvss(k40)->version, 40);
    EXPECT_EQ(parse_cvss("AV:N/AC:L/Au:N/C:C/I:C/A:C")->version, 20);
}

TEST(ParseCvss, ScoresTemporalAndEnvironmentalMetricsWhereTheVectorHasThem) {
    EXPECT_EQ(scored(k31 + "/E:U/RL:O/RC:U"), "7.8 High");
    EXPECT_EQ(scored(k31 + "/MAV:P"), "6.8 Medium");
    EXPECT_EQ(scored(k31 + "/MC:N/MI:N/MA:N"), "0.0 None");
    EXPECT_EQ(scored("AV:N/AC:L/Au:N/C:N/I:N/A:C/E:F/RL:OF/RC:C"), "6.4 Medium");
    EXPECT_EQ(
        scored("AV:N/AC:L/Au:N/C:N/I:N/A:C/E:F/RL:OF/RC:C/CDP:H/TD:H/CR:M/IR:M/AR:H"), "9.2 High");
    EXPECT_EQ(scored(k40 + "/E:U"), "9.1 Critical");
}

TEST(ParseCvss, TakesUndefinedMetricsAsAbsent) {
    EXPECT_EQ(scored(k31 + "/E:X/RL:X/RC:X/MAV:X/CR:X"), "9.8 Critical");
    EXPECT_EQ(scored("AV:N/AC:L/Au:N/C:N/I:N/A:P/E:ND/CDP:ND/TD:ND/AR:ND"), "5.0 Medium");
    EXPECT_EQ(scored(k40 + "/E:X/CR:X/MSI:X/S:X/U:X"), "10.0 Critical");
}

TEST(ParseCvss, RoundsUpInVersion3AndToTheNearestInVersion2) {
    EXPECT_EQ(scored("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:N/A:N/RC:U"), "8.0 High");  // 7.912
    EXPECT_EQ(scored("AV:N/AC:L/Au:N/C:P/I:P/A:P/RC:UC"), "6.8 Medium");                 // 6.75
    EXPECT_EQ(scored("AV:N/AC:L/Au:N/C:P/I:P/A:P/RC:UR"), "7.1 High");                   // 7.125
}

TEST(ParseCvss, IgnoresAnEnvironmentOfUndefinedMetricsAlone) {
    // The environmental formula would cap the impact and end at 7.1.
    EXPECT_EQ(scored("AV:L/AC:L/Au:N/C:C/I:C/A:C/TD:ND"), "7.2 High");
    // And give 9.7 here.
    EXPECT_EQ(scored("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:H/I:H/A:H/CR:X"), "9.6 Critical");
}

TEST(ParseCvss, DiffersBetween30And31InTheModifiedImpact) {
    const std::string metrics = "/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H/MAV:P/CR:H/IR:H/AR:H";
    EXPECT_EQ(scored("CVSS:3.0" + metrics), "7.6 High");
    EXPECT_EQ(scored("CVSS:3.1" + metrics), "7.7 High");
}

TEST(ParseCvss, TakesTheMetricsOfVersion3InAnyOrder) {
    EXPECT_EQ(scored("CVSS:3.1/S:U/C:H/I:H/A:H/AV:N/AC:L/PR:N/UI:N"), "9.8 Critical");
}

TEST(ParseCvss, WantsTheMetricsOfVersion4InTheirOrder) {
    EXPECT_EQ(
        scored("CVSS:4.0/AC:L/AV:N/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H"),
        "metric AV is out of order");
}

TEST(ParseCvss, RefusesWhatIsNotAVector) {
    EXPECT_EQ(scored(""), "empty");
    EXPECT_EQ(scored("  \t"), "empty");
    EXPECT_EQ(scored("9.8"), "unknown metric '9.8'");
    EXPECT_EQ(scored(k31 + "/"), "unknown metric ''");
    EXPECT_EQ(scored(k31 + "/A:H"), "metric A is given twice");
    EXPECT_EQ(scored(k31 + "/E:Z"), "metric E has no value 'Z'");
    EXPECT_EQ(scored(k31 + "/Q:N"), "unknown metric 'Q'");
    EXPECT_EQ(scored("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H"), "metric A is missing");
    EXPECT_EQ(scored("CVSS:3.2/AV:N"), "unknown version prefix");
    EXPECT_EQ(scored("CVSS:3.1"), "unknown version prefix");
    EXPECT_EQ(scored("CVSS:3.1/"), "unknown metric ''");
    EXPECT_EQ(scored("CVSS:3.1/av:n/ac:l/pr:n/ui:n/s:u/c:h/i:h/a:h"), "unknown metric 'av'");
    EXPECT_EQ(scored("(AV:N/AC:L/Au:N/C:C/I:C/A:C"), "unknown metric '(AV'");
    EXPECT_EQ(
        scored("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:-/SI:H/SA:H"),
        "metric SC has no value '-'");
    EXPECT_EQ(
        scored("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:S/SA:H"),
        "metric SI has no value 'S'");
    EXPECT_EQ(parse_cvss("x").error().code, "model.bad_cvss");
}

TEST(ParseCvss, IgnoresBlanksAround) {
    EXPECT_EQ(scored(" " + k31 + "\r\n"), "9.8 Critical");
}

TEST(SeverityName, IsCapitalised) {
    EXPECT_EQ(severity_name(Severity::Unknown), "Unknown");
    EXPECT_EQ(severity_name(Severity::Critical), "Critical");
}

}  // namespace
}  // namespace thimble::model
