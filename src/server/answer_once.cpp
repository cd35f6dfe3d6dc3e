#include "thimble/server/answer_once.hpp"

#include "thimble/base/digest.hpp"
#include "thimble/server/problem.hpp"
#include "thimble/store/repeated_requests.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace thimble::server {
namespace {

constexpr std::size_t kMaxKeyBytes = 128;
constexpr unsigned kConflict = 409;
constexpr unsigned kUnprocessable = 422;
constexpr unsigned kAboveSuccess = 300;
constexpr unsigned kFirstFaultOfOurs = 500;
/// No request takes longer; one that is begun and has no answer then has lost its server.
constexpr std::chrono::minutes kLongestRequest{5};

/// How the database knows a request.
struct OneRequest {
    std::string key;  ///< digest of who asks and the key
    std::string request_digest;
};

/// Whether the answer of a success may be written down. What is not named may hold a secret that is shown once.
bool tells_no_secret(Endpoint endpoint) {
    using enum Endpoint;
    static constexpr std::array kHarmless{
        ChangeHost, CreateDeployment, CreateJob, EndDeployment, EndHalt, Halt};
    return std::ranges::find(kHarmless, endpoint) != kHarmless.end();
}

Response still_running() {
    return problem(kConflict, "server.still_running", "the first request is not done yet");
}

Response reused() {
    return problem(
        kUnprocessable, "server.key_reused", "this Idempotency-Key was used for another request");
}

/// What the database says to a request that was begun before, by another server or an earlier start.
Response repeated(
    const store::RepeatedRequest& begun, const std::string& request_digest, Instant now) {
    if (begun.request_digest != request_digest) {
        return reused();
    }
    if (begun.answer.status == 0 && now - begun.begun_at < kLongestRequest) {
        return still_running();
    }
    if (begun.answer.status == 0) {
        return problem(
            kConflict,
            "server.end_unknown",
            "the server that began the first request ended; look whether it was done, then use "
            "another key");
    }
    if (begun.answer.is_secret) {
        return problem(
            kConflict,
            "server.answered_elsewhere",
            "the first request was done; its answer held a secret, which is shown once");
    }
    return {
        static_cast<unsigned>(begun.answer.status),
        begun.answer.content_type,
        begun.answer.body,
        {}};
}

/// Notes in the database that the request is begun.
/// @return the answer to one that was begun before; none: this is the first
Result<std::optional<Response>> begin_for_all(
    Context& context, const OneRequest& one, Instant now) {
    THIMBLE_TRY(const auto begun, context.database.transact([&](store::Connection& connection) {
        return store::begin_request(connection, one.key, one.request_digest, now);
    }));
    return begun ? std::optional(repeated(*begun, one.request_digest, now)) : std::nullopt;
}

Result<void> finish_for_all(
    Context& context, const OneRequest& one, const Handled& handled, const Response& response) {
    return context.database.transact([&](store::Connection& connection) {
        if (response.status >= kFirstFaultOfOurs) {
            return store::forget_request(connection, one.key);
        }
        const bool is_secret = response.status < kAboveSuccess && !response.body.empty()
            && !tells_no_secret(handled.endpoint);
        return store::keep_answer(
            connection,
            one.key,
            {response.status,
             response.content_type,
             is_secret ? std::string() : response.body,
             is_secret});
    });
}

/// Does it, unless the database says that it was begun before.
/// @return none: `elsewhere` is what there is to say
std::optional<Answer> once_for_all(
    Context& context,
    const Call& call,
    const Handled& handled,
    const OneRequest& one,
    Response& elsewhere) {
    if (!context.database.is_shared()) {
        return answer_of(handled.handler(context, call));
    }
    auto begun = begin_for_all(context, one, call.request.now);
    if (!begun) {
        elsewhere = problem_of(begun.error());
        return std::nullopt;
    }
    if (std::optional<Response>& earlier = *begun; earlier) {
        elsewhere = *std::move(earlier);
        return std::nullopt;
    }
    Answer answer = answer_of(handled.handler(context, call));
    if (const auto* response = std::get_if<Response>(&answer)) {
        // When that fails, other servers say that its end is not known.
        [[maybe_unused]] const auto kept = finish_for_all(context, one, handled, *response);
    }
    return answer;
}

}  // namespace

Answer answer_of(Result<Answer> result) {
    return result ? *std::move(result) : Answer(problem_of(result.error()));
}

Answer answer_once(
    Context& context, const Call& call, const Handled& handled, std::string_view key) {
    const Request& request = call.request;
    if (key.size() > kMaxKeyBytes) {
        return problem(kUnprocessable, "server.bad_key", "Idempotency-Key has at most 128 bytes");
    }
    const std::string whole_key = call.principal->actor + "\n" + std::string(key);
    std::string everything(method_name(request.method));
    for (const std::string& segment : request.target.segments) {
        everything.append("/").append(segment);
    }
    everything.append("\n").append(request.body);
    const std::string digest = sha256_of(everything);
    const auto verdict = context.repeated.with(
        [&](RepeatedRequests& kept) { return kept.begin(whole_key, digest, request.now); });
    using enum RepeatedRequests::Verdict::Kind;
    switch (verdict.kind) {
        case Repeated: return verdict.response;
        case Running: return still_running();
        case Different: return reused();
        case First: break;
    }
    Response elsewhere;
    auto answer = once_for_all(context, call, handled, {sha256_of(whole_key), digest}, elsewhere);
    context.repeated.with([&](RepeatedRequests& kept) {
        if (!answer) {
            kept.forget(whole_key);
        } else if (const auto* response = std::get_if<Response>(&*answer)) {
            kept.finish(whole_key, *response);
        }
    });
    return answer ? *std::move(answer) : Answer(std::move(elsewhere));
}

}  // namespace thimble::server
