#include "thimble/server/parse_cursor.hpp"

#include "thimble/protocol/base64url.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>

namespace thimble::server {
namespace {

using store::ColumnType;

const store::ListTable& hosts() {
    return *std::ranges::find(store::list_tables(), "hosts", &store::ListTable::name);
}

Result<store::ListQuery> query_of(std::vector<std::pair<std::string, std::string>> pairs) {
    Target target;
    target.query = std::move(pairs);
    return parse_list_query(hosts(), target);
}

}  // namespace

TEST(Cursor, ReadsBackWhateverItWrote) {
    EXPECT_TRUE(rc::check([](std::int64_t number) {
        const store::ListPosition position{number, "key \"1\""};
        RC_ASSERT(
            *parse_cursor(format_cursor(position), ColumnType::Instant, ColumnType::Text)
            == position);
    }));
}

TEST(Cursor, RefusesOneOfAnotherSort) {
    const std::string cursor = format_cursor({"name", "id"});

    EXPECT_TRUE(parse_cursor(cursor, ColumnType::Text, ColumnType::Text));
    EXPECT_FALSE(parse_cursor(cursor, ColumnType::Number, ColumnType::Text));
    for (const std::string& text :
         {std::string("?"),
          protocol::format_base64url("[1]"),
          protocol::format_base64url("{}"),
          protocol::format_base64url(R"({"sorted":null,"key":"x"})"),
          std::string(3000, 'A')}) {
        EXPECT_EQ(
            parse_cursor(text, ColumnType::Text, ColumnType::Text).error().code,
            "server.bad_cursor");
    }
}

TEST(ParseListQuery, TakesIdsOfVulnerabilitiesInAnySpelling) {
    const auto value_of = [](std::string_view list, const std::string& name, std::string value) {
        Target target;
        target.query = {{name, std::move(value)}};
        const auto query = parse_list_query(
            *std::ranges::find(store::list_tables(), list, &store::ListTable::name), target);
        return query ? std::get<std::string>(query->filters.front().value) : query.error().code;
    };

    EXPECT_EQ(value_of("vulnerabilities", "id", "cve-2024-3094"), "CVE-2024-3094");
    EXPECT_EQ(value_of("findings", "vulnerability", "cve-2024-3094"), "CVE-2024-3094");
    EXPECT_EQ(value_of("advisories", "vulnerability_ids.has", "cve-2024-3094"), "CVE-2024-3094");
    EXPECT_EQ(value_of("controls", "covers.has", "Cve-2024-3094"), "CVE-2024-3094");
    EXPECT_EQ(value_of("vulnerabilities", "id", "curl"), "model.no_vulnerability");
    EXPECT_EQ(value_of("hosts", "id", "cve-2024-3094"), "cve-2024-3094");
    EXPECT_EQ(value_of("vulnerabilities", "id.prefix", "cve-2024"), "CVE-2024");
    EXPECT_EQ(value_of("vulnerabilities", "id.prefix", "ghsa-8v27"), "ghsa-8v27");
}

TEST(ParseListQuery, ReadsLimitSortAndFilters) {
    const auto query = query_of(
        {{"limit", "7"},
         {"sort", "-last_seen_at"},
         {"name.prefix", "web"},
         {"enrolled_at.from", "2026-01-01T00:00:00Z"},
         {"revoked_at", "null"}});

    ASSERT_TRUE(query);
    EXPECT_EQ(query->limit, 7U);
    EXPECT_TRUE(query->descending);
    EXPECT_EQ(query->sort, *store::column_of(hosts(), "last_seen_at"));
    ASSERT_EQ(query->filters.size(), 3U);
    EXPECT_EQ(query->filters[0].comparison, store::Comparison::Prefix);
    EXPECT_EQ(query->filters[1].value, store::Value(std::int64_t{1'767'225'600}));
    EXPECT_EQ(query->filters[2].value, store::Value(std::int64_t{0}));
}

TEST(ParseListQuery, ReadsWordsAndWhatIsNotKnown) {
    const auto query =
        query_of({{"tags.has", "env=prod"}, {"overdue", "null"}, {"overdue.below", "3"}});

    ASSERT_TRUE(query);
    ASSERT_EQ(query->filters.size(), 3U);
    EXPECT_EQ(query->filters[0].comparison, store::Comparison::Has);
    EXPECT_EQ(query->filters[1].value, store::Value(std::int64_t{-1}));
    EXPECT_EQ(query->filters[2].comparison, store::Comparison::Below);
}

TEST(ParseListQuery, TakesAGroupOnlyWhereTheListIsMadeOfHosts) {
    Target target;
    target.query = {{"group", "web"}};
    const auto of_groups = parse_list_query(
        *std::ranges::find(store::list_tables(), "groups", &store::ListTable::name), target);
    const auto of_hosts = parse_list_query(hosts(), target);

    ASSERT_TRUE(of_groups && of_hosts);
    EXPECT_EQ(of_groups->host_group, "web");
    EXPECT_TRUE(of_groups->filters.empty());
    EXPECT_EQ(of_hosts->filters.size(), 1U);
}

TEST(ParseListQuery, RefusesWhatTheListDoesNotHave) {
    using Pairs = std::vector<std::pair<std::string, std::string>>;
    for (const Pairs& pairs : std::vector<Pairs>{
             {{"limit", "0"}},
             {{"limit", "1001"}},
             {{"limit", "x"}},
             {{"sort", "nothing"}},
             {{"sort", ""}},
             {{"nothing", "x"}},
             {{"name.below", "x"}},
             {{"enrolled_at.prefix", "x"}},
             {{"enrolled_at", "yesterday"}},
             {{"report_sequence", "1x"}},
             {{"report_sequence", "null"}},  // a number that is always known
             {{"name.has", "x"}},
             {{"tags.has", ""}},
             {{"tags.has", "a,b"}},
             {{"overdue.prefix", "1"}}}) {
        EXPECT_EQ(query_of(pairs).error().code, "server.bad_parameter") << pairs[0].first;
    }
}

}  // namespace thimble::server
