// The published vectors with the scores that other implementations give them.
#include "thimble/model/corpus_path.hpp"
#include "thimble/model/cvss.hpp"

#include <gtest/gtest.h>

#include <array>
#include <charconv>
#include <cmath>
#include <fstream>
#include <regex>

namespace thimble::model {
namespace {

int tenths_of(const std::string& vector) {
    const auto cvss = parse_cvss(vector);
    return cvss ? cvss->score_tenths : -1;
}

// The vector without the metrics from the named ones on (temporal, environmental).
std::string without(const std::string& vector, const std::string& names) {
    return std::regex_replace(vector, std::regex("/(" + names + "):[^/]*"), "");
}

constexpr auto kTemporal = "E|RL|RC";
constexpr auto kEnvironmental = "CDP|TD|CR|IR|AR|MAV|MAC|MPR|MUI|MS|MC|MI|MA";

std::vector<std::string> numbers_in(const std::string& text) {
    const std::regex number("None|-?[0-9]+([.][0-9]+)?");
    return {std::sregex_token_iterator(text.begin(), text.end(), number), {}};
}

void expect_score(const std::string& vector, const std::string& score) {
    if (score != "None") {
        EXPECT_EQ(tenths_of(vector), std::lround(std::stod(score) * 10)) << vector;
    }
}

// `VECTOR - score` or `VECTOR - (base, temporal, environmental)` a line.
int check_line(const std::string& line) {
    const auto dash = line.find(" - ");
    if (dash == std::string::npos) {
        return 0;
    }
    const auto vector = line.substr(0, dash);
    const auto scores = numbers_in(line.substr(dash + 3));
    if (scores.size() == 1) {
        expect_score(vector, scores[0]);
        return 1;
    }
    const auto temporal = without(vector, kEnvironmental);
    expect_score(without(temporal, kTemporal), scores.at(0));
    expect_score(temporal, scores.at(1));
    // Three scores of version 3 include an environmental one even where no metric asks for it; the
    // neutral CR:M does ask.
    const bool implied = temporal == vector && vector.starts_with("CVSS:3");
    expect_score(implied ? vector + "/CR:M" : vector, scores.at(2));
    return 1;
}

TEST(CvssCorpus, ScoresEveryPublishedVectorAsPublished) {
    constexpr std::array kFiles = {
        "calculator2",
        "calculator3",
        "cvsslib2",
        "cvsslib3",
        "security4",
        "simple2",
        "simple3",
        "simple31",
        "simple4",
        "supplemental4",
        "threat4"};
    const auto directory = corpus_path("cvss");
    if (!directory) {
        GTEST_SKIP() << "skipped: no data";
    }

    int checked = 0;
    for (const auto* name : kFiles) {
        std::ifstream file(*directory / ("vectors_" + std::string(name)));
        for (std::string line; std::getline(file, line);) {
            checked += check_line(line);
        }
    }

    EXPECT_EQ(checked, 7667);
}

}  // namespace
}  // namespace thimble::model
