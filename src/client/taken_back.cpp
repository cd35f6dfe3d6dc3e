#include "thimble/client/taken_back.hpp"

#include "thimble/base/json_writer.hpp"
#include "thimble/client/api_call.hpp"

#include <utility>

namespace thimble::client {

Result<void> review_taken_back(
    const FleetContext& context, const std::string& id, const std::string& why) {
    std::string body;
    JsonWriter(body).open_object().member("why", why).close_object();
    THIMBLE_TRY(call_api(
        context, {"POST", "/api/v1/taken-back/" + encoded(id) + "/review", std::move(body)}));
    return {};
}

}  // namespace thimble::client
