#include "thimble/server/lead.hpp"

namespace thimble::server {

Result<void> check_lead(const Context& context, store::Connection& connection) {
    if (!context.database.is_shared()) {
        return {};
    }
    THIMBLE_TRY(const store::ServersState state, store::servers_state(connection));
    if (!holds_lead(state.lead, context.server_id, state.now)) {
        return failure(
            ErrorKind::Conflict,
            "server.not_leading",
            "another server leads: " + state.lead.address);
    }
    return {};
}

Result<bool> ask_for_lead(Context& context, Instant now) {
    const auto asked_at = std::chrono::steady_clock::now();
    const store::ServerLead asking{context.server_id, context.machine, {}};
    bool is_new = false;
    const auto leads =
        change(context, now, [&](store::Connection& connection, Trail& trail) -> Result<bool> {
            THIMBLE_TRY(const store::ServersState state, store::servers_state(connection));
            const auto next = next_lead(state.lead, asking, state.now);
            if (!next) {
                return false;
            }
            THIMBLE_TRY(store::set_server_lead(connection, *next));
            is_new = state.lead.holder != context.server_id;
            if (is_new) {
                THIMBLE_TRY(
                    trail.note({"server", "server.lead", "", "", "", "by " + context.machine}));
            }
            return true;
        });
    context.leadership.with([&](Leadership& known) {
        if (leads && *leads) {
            known.granted(asked_at, is_new);
        } else if (leads) {
            known.refused();  // else it is not known: what was granted ends by itself
        }
    });
    return leads;
}

Result<void> give_up_lead(Context& context) {
    context.leadership.with([](Leadership& known) { known.refused(); });
    return context.database.transact([&](store::Connection& connection) -> Result<void> {
        THIMBLE_TRY(const store::ServersState state, store::servers_state(connection));
        return holds_lead(state.lead, context.server_id, state.now)
            ? store::set_server_lead(connection, {})
            : Result<void>();
    });
}

}  // namespace thimble::server
