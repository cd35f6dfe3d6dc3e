#include "thimble/server/handlers.hpp"
#include "thimble/server/request_body.hpp"
#include "thimble/server/taken_back.hpp"

namespace thimble::server {

Result<Answer> review_taken_back(Context& context, const Call& call) {
    THIMBLE_TRY(const JsonValue body, body_of(call.request));
    JsonMembers members(body);
    THIMBLE_TRY(const std::string why, checked_reason(members));
    const store::TakenBackReview review{call.parameters.front(), person_of(*call.principal), why};
    THIMBLE_TRY(change(
        context,
        call.request.now,
        [&](store::Connection& connection, Trail& trail) -> Result<void> {
            THIMBLE_TRY(const auto group, store::group_of_taken_back(connection, review.id));
            if (!group || !allows(*call.principal, Action::Read, *group)) {
                return failure(
                    ErrorKind::NotFound,
                    "server.no_taken_back",
                    "nothing that was taken back has this id");
            }
            if (!allows(*call.principal, Action::Operate, *group)) {
                return failure(
                    ErrorKind::Denied,
                    "server.not_allowed",
                    "only who may operate the group " + *group + " looks after it");
            }
            return review_taken_back(connection, trail, review, call.principal->actor);
        }));
    return Answer(Response{204, "", "", {}});
}

}  // namespace thimble::server
