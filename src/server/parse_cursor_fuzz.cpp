#include "thimble/server/parse_cursor.hpp"

#include "thimble/server/parse_target.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size);

// Of any parameters of any list, what is understood can be planned and names columns that are there.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    using namespace thimble;
    const std::string_view text(static_cast<const char*>(static_cast<const void*>(bytes)), size);
    const auto target = server::parse_target("/?" + std::string(text));
    if (!target) {
        return 0;
    }
    for (const store::ListTable& table : store::list_tables()) {
        const auto query = server::parse_list_query(table, *target);
        if (query) {
            THIMBLE_CHECK(query->sort < table.columns.size() && query->limit <= 1000);
            THIMBLE_CHECK(!store::plan_list(table, *query).text.empty());
        }
    }
    return 0;
}
