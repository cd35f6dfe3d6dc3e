#include "thimble/store/list_table.hpp"

#include "thimble/store/database.hpp"
#include "thimble/store/hosts.hpp"
#include "thimble/store/scratch_database_test.hpp"

#include <gtest/gtest.h>

#include <set>

namespace thimble::store {
namespace {

const ListTable& table_of(std::string_view name) {
    for (const ListTable& table : list_tables()) {
        if (table.name == name) {
            return table;
        }
    }
    std::abort();
}

HostRecord host_named(const std::string& id, const std::string& name, const std::string& group) {
    HostRecord host;
    host.id = id;
    host.name = name;
    host.host_group = group;
    host.report_sequence = static_cast<std::int64_t>(name.size());
    return host;
}

/// Ids of all pages of a query, with the number of rows of a page.
std::vector<std::string> ids_by_pages(
    Connection& connection, const ListTable& table, ListQuery query) {
    std::vector<std::string> ids;
    for (;;) {
        const ListStatement statement = plan_list(table, query);
        const auto rows = connection.query(statement.text, statement.values);
        EXPECT_TRUE(rows) << statement.text << " " << rows.error().text();
        for (std::size_t at = 0; at < std::min(rows->size(), query.limit); ++at) {
            ids.push_back(text_at((*rows)[at], 0));
        }
        if (rows->size() <= query.limit) {
            return ids;
        }
        const Row& last = (*rows)[query.limit - 1];
        query.after = ListPosition{last[query.sort], last[0]};
    }
}

Connection connection_with_hosts(const ScratchDatabase& scratch) {
    EXPECT_TRUE(Database::open(scratch.address()));
    auto connection = Connection::open(scratch.address());
    for (const auto& [id, name, group] : std::vector<std::array<const char*, 3>>{
             {"1", "web", "a"},
             {"2", "db", "a"},
             {"3", "web", "b"},
             {"4", "w\xC3\xA4rme", "b"},
             {"5", "WEB", "a"}}) {
        EXPECT_TRUE(add_host(*connection, host_named(id, name, group)));
    }
    return *std::move(connection);
}

}  // namespace

TEST(ListTables, AreByNameAndTheirColumnsAreUnique) {
    std::string_view last;
    for (const ListTable& table : list_tables()) {
        EXPECT_LT(last, table.name);
        last = table.name;
        std::set<std::string_view> names;
        for (const ListColumn& column : table.columns) {
            EXPECT_TRUE(names.insert(column.name).second) << table.name << " " << column.name;
            EXPECT_FALSE(column.description.empty());
        }
        std::string_view sort = table.default_sort;
        sort.remove_prefix(sort.starts_with('-') ? 1 : 0);
        EXPECT_TRUE(column_of(table, sort)) << table.name;
        EXPECT_TRUE(table.scope != ListScope::Column || column_of(table, "group"));
    }
}

TEST(PlanList, EveryTableAnswersEverySortAndFilter) {
    const ScratchDatabase scratch;
    Connection connection = connection_with_hosts(scratch);
    for (const ListTable& table : list_tables()) {
        if (table.from.empty()) {
            continue;  // not read from tables
        }
        for (std::size_t column = 0; column < table.columns.size(); ++column) {
            const bool is_text = store::is_text(table.columns[column].type);
            const Value value = is_text ? Value("x") : Value(std::int64_t{1});
            ListQuery query{
                10,
                column,
                true,
                {},
                ListPosition{
                    value,
                    table.columns[0].type == ColumnType::Text ? Value("x")
                                                              : Value(std::int64_t{1})}};
            query.filters.push_back({column, Comparison::Equal, value});
            query.filters.push_back(
                {column, is_text ? Comparison::Prefix : Comparison::AtLeast, value});
            query.filters.push_back({column, is_text ? Comparison::Has : Comparison::Below, value});
            query.host_group = column % 2 == 0 ? "a" : "";
            const ListStatement statement = plan_list(table, query);

            EXPECT_TRUE(connection.query(statement.text, statement.values)) << statement.text;
        }
    }
}

TEST(PlanList, PagesGiveEveryRowOnceInOrder) {
    const ScratchDatabase scratch;
    Connection connection = connection_with_hosts(scratch);
    const ListTable& hosts = table_of("hosts");
    const std::size_t name = *column_of(hosts, "name");
    for (std::size_t limit = 1; limit < 7; ++limit) {
        using Ids = std::vector<std::string>;
        EXPECT_EQ(
            ids_by_pages(connection, hosts, {.limit = limit}), (Ids{"1", "2", "3", "4", "5"}));
        EXPECT_EQ(
            ids_by_pages(connection, hosts, {.limit = limit, .sort = name}),
            (Ids{"5", "2", "1", "3", "4"}));
        EXPECT_EQ(
            ids_by_pages(connection, hosts, {.limit = limit, .sort = name, .descending = true}),
            (Ids{"4", "3", "1", "2", "5"}));
        EXPECT_EQ(
            ids_by_pages(
                connection,
                hosts,
                {.limit = limit, .sort = *column_of(hosts, "report_sequence"), .descending = true}),
            (Ids{"4", "5", "3", "1", "2"}));
    }
}

TEST(PlanList, FiltersByEqualityPrefixAndRange) {
    const ScratchDatabase scratch;
    Connection connection = connection_with_hosts(scratch);
    const ListTable& hosts = table_of("hosts");
    const auto ids = [&](std::vector<ListFilter> filters) {
        return ids_by_pages(connection, hosts, {.filters = std::move(filters)});
    };
    const std::size_t name = *column_of(hosts, "name");
    const std::size_t group = *column_of(hosts, "group");
    const std::size_t sequence = *column_of(hosts, "report_sequence");

    using Ids = std::vector<std::string>;
    EXPECT_EQ(ids({{name, Comparison::Equal, "web"}, {group, Comparison::Equal, "b"}}), (Ids{"3"}));
    EXPECT_EQ(ids({{name, Comparison::Prefix, "w"}}), (Ids{"1", "3", "4"}));
    EXPECT_EQ(ids({{name, Comparison::Prefix, "w\xC3\xA4"}}), (Ids{"4"}));
    EXPECT_EQ(ids({{sequence, Comparison::AtLeast, std::int64_t{6}}}), (Ids{"4"}));
    EXPECT_EQ(ids({{sequence, Comparison::Below, std::int64_t{3}}}), (Ids{"2"}));
}

TEST(PlanList, OfAListThatIsMadeOfHostsCountsThoseOfOneGroup) {
    const ScratchDatabase scratch;
    Connection connection = connection_with_hosts(scratch);
    const ListTable& groups = table_of("groups");
    const auto rows = [&](const std::string& group) {
        const ListStatement statement = plan_list(groups, {.host_group = group});
        return typed_rows(groups, *connection.query(statement.text, statement.values));
    };
    using Rows = std::vector<Row>;
    const auto n = [](int number) {
        return std::int64_t{number};
    };

    // Nobody was judged yet: unknown.
    EXPECT_EQ(
        rows(""),
        (Rows{{"a", n(3), n(3), n(-1), n(-1), n(0)}, {"b", n(2), n(2), n(-1), n(-1), n(0)}}));
    EXPECT_EQ(rows("b"), (Rows{{"b", n(2), n(2), n(-1), n(-1), n(0)}}));
    EXPECT_TRUE(rows("c").empty());
}

TEST(PlanList, FindsAWordBetweenCommasAndWhatIsKnown) {
    static constexpr std::array kColumns{
        ListColumn{"id", "id", ColumnType::Text, "x"},
        ListColumn{"words", "words", ColumnType::Words, "x"},
        ListColumn{"count", "count", ColumnType::Count, "x"}};
    static constexpr ListTable kSqlTable{
        "t",
        "(SELECT '1' AS id, 'ab,c' AS words, -1 AS count UNION SELECT '2', 'a', 3 UNION SELECT "
        "'3', '', 0) x",
        kColumns,
        ListScope::Whole,
        "id",
        "x"};
    static constexpr ListTable kMemoryTable{"t", "", kColumns, ListScope::Whole, "id", "x"};
    const std::vector<Row> rows{
        {"1", "ab,c", std::int64_t{-1}}, {"2", "a", std::int64_t{3}}, {"3", "", std::int64_t{0}}};
    const ScratchDatabase scratch;
    Connection connection = connection_with_hosts(scratch);
    // The same answer from the database and from memory.
    const auto ids = [&](ListFilter filter) {
        std::string found;
        for (const Row& row : page_of(kMemoryTable, {.filters = {filter}}, rows)) {
            found += text_at(row, 0);
        }
        std::string read;
        for (const std::string& id :
             ids_by_pages(connection, kSqlTable, {.filters = {std::move(filter)}})) {
            read += id;
        }
        EXPECT_EQ(found, read);
        return read;
    };

    EXPECT_EQ(ids({1, Comparison::Has, "a"}), "2");
    EXPECT_EQ(ids({1, Comparison::Has, "c"}), "1");
    EXPECT_EQ(ids({1, Comparison::Has, "b"}), "");
    EXPECT_EQ(ids({2, Comparison::Below, std::int64_t{4}}), "23");
    EXPECT_EQ(ids({2, Comparison::Equal, std::int64_t{-1}}), "1");
    EXPECT_EQ(ids({2, Comparison::AtLeast, std::int64_t{0}}), "23");
    EXPECT_EQ(ids({0, Comparison::Prefix, "3"}), "3");
}

TEST(PageOf, GivesEveryRowOnceInOrder) {
    static constexpr std::array kColumns{
        ListColumn{"id", "", ColumnType::Text, "x"}, ListColumn{"n", "", ColumnType::Number, "x"}};
    static constexpr ListTable kTable{"t", "", kColumns, ListScope::Whole, "id", "x"};
    std::vector<Row> rows;
    for (const auto& [id, number] :
         std::vector<std::pair<const char*, int>>{{"b", 1}, {"a", 2}, {"d", 1}, {"c", 2}}) {
        rows.push_back({id, std::int64_t{number}});
    }
    const auto ids_of = [&](ListQuery query) {
        std::string ids;
        for (;;) {
            const auto page = page_of(kTable, query, rows);
            for (std::size_t at = 0; at < std::min(page.size(), query.limit); ++at) {
                ids += text_at(page[at], 0);
            }
            if (page.size() <= query.limit) {
                return ids;
            }
            const Row& last = page[query.limit - 1];
            query.after = ListPosition{last[query.sort], last[0]};
        }
    };
    for (std::size_t limit = 1; limit < 6; ++limit) {
        EXPECT_EQ(ids_of({.limit = limit}), "abcd");
        EXPECT_EQ(ids_of({.limit = limit, .descending = true}), "dcba");
        EXPECT_EQ(ids_of({.limit = limit, .sort = 1}), "bdac");
        EXPECT_EQ(ids_of({.limit = limit, .sort = 1, .descending = true}), "cadb");
    }
}

}  // namespace thimble::store
