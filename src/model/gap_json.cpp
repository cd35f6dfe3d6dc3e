#include "thimble/model/gap_json.hpp"

namespace thimble::model {

void write_gaps(JsonWriter& json, std::span<const Gap> gaps) {
    json.open_array();
    for (const Gap& gap : gaps) {
        json.open_object().member("code", gap.code).member("detail", gap.detail);
        json.member_or_null("next", gap.next).close_object();
    }
    json.close_array();
}

std::string gaps_json(std::span<const Gap> gaps) {
    std::string text;
    JsonWriter json(text);
    write_gaps(json, gaps);
    return text;
}

}  // namespace thimble::model
