// What hosts outside of a shielded one are asked about its control, and what their answers mean for it.
#include "thimble/base/digest.hpp"
#include "thimble/base/json_writer.hpp"
#include "thimble/mitigate/address_prefix.hpp"
#include "thimble/protocol/job.hpp"
#include "thimble/rollout/outside_verdict.hpp"
#include "thimble/server/control_course.hpp"
#include "thimble/server/control_facts.hpp"
#include "thimble/server/control_job.hpp"
#include "thimble/server/make_job.hpp"
#include "thimble/server/outside_choice.hpp"
#include "thimble/server/outside_places.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace thimble::server {
namespace {

using rollout::ControlEvent;
using rollout::ControlState;
using rollout::OutsideVerdict;
using rollout::PlaceAnswer;

/// However often somebody has a control looked at.
constexpr std::chrono::seconds kLeastBetween{30};
constexpr std::chrono::minutes kLeastTime{5};
constexpr std::chrono::minutes kMostTime{24 * 60};

/// Among so many hosts somebody is looked for.
constexpr std::int64_t kMostCandidates = 2000;

/// The address about which somebody is asked, where the server chose it: the host may have another one later.
std::string target_of(const OutsidePlan& plan, const OutsidePlace& place) {
    return plan.is_chosen ? place.probe.address : std::string();
}

/// Of a row that was kept without its address nothing says that it is another one.
bool is_of_another_target(const store::ControlProbe& row, const std::string& target) {
    return !row.target.empty() && row.target != target;
}

/// What the server chooses where the document names nobody.
void choose_places(OutsidePlan& plan, const std::string& address) {
    plan.is_chosen = true;
    if (address.empty()) {
        plan.nobody_why =
            "the server does not know its address: something in between lends it "
            "another one, or its agent does not say it";
    } else if (plan.targets.ports.empty()) {
        plan.nobody_why = "its document has no TCP port that another host could try";
    } else {
        plan.places = chosen_places(plan.targets, address);
    }
}

/// What the probes of one host are asked by.
Result<OutsidePlan> plan_of(
    store::Connection& connection,
    const store::ControlRecord& record,
    const store::ControlHost& host) {
    THIMBLE_TRY(const auto known, store::host_of_id(connection, host.host_id));
    THIMBLE_TRY(const bool has_others, store::is_elsewhere(connection, record.id, host.host_id));
    THIMBLE_TRY(const auto before, store::enrolments_before(connection, host.host_id));
    OutsidePlan plan = outside_plan(
        record.document, {host.host_id, known ? known->name : std::string(), before}, has_others);
    if (plan.is_filter && plan.places.empty()) {
        choose_places(plan, known ? known->address : std::string());
    }
    return plan;
}

/// The name of a host, for people.
Result<std::string> name_of(store::Connection& connection, const std::string& host_id) {
    THIMBLE_TRY(const auto host, store::host_of_id(connection, host_id));
    return host ? host->name : host_id;
}

/// Who is asked, or why nobody can be.
struct Prober {
    std::string id;
    std::string problem;
};

/// Those who could try any port of a host; read once for all of them.
using Candidates = std::optional<std::vector<store::ProbingHost>>;

/// Where somebody is looked for who tries one place.
struct ProberQuestion {
    const store::ControlRecord& record;
    const OutsidePlan& plan;
    const OutsidePlace& place;
    const store::ControlProbe& row;  ///< what is known of it
    Instant now;
    Candidates& candidates;
};

/// One of the fleet, on the side of the fence that is wanted. It stays the same as long as it can tell.
Result<Prober> chosen_prober_of(store::Connection& connection, const ProberQuestion& question) {
    const store::ControlProbe& row = question.row;
    ProberWish wish;
    wish.from_allowed = question.place.probe.from_allowed;
    wish.allowed = wish.from_allowed ? question.plan.targets.allowed : question.plan.allowed;
    wish.target = question.place.probe.address;
    wish.key = row.control_id + '\n' + row.host_id;
    wish.current = row.prober_id;
    wish.is_current_spent = row.answer == rollout::place_answer_name(PlaceAnswer::Unknown);
    const auto possible = [&](const std::string& first, std::int64_t most) {
        return store::possible_probers(
            connection, {question.record.host_group, row.host_id, first, question.now}, most);
    };
    const auto chosen_among = [&](const std::vector<store::ProbingHost>& hosts) {
        std::vector<ProberCandidate> candidates;
        candidates.reserve(hosts.size());
        for (const store::ProbingHost& host : hosts) {
            candidates.push_back({host.id, host.address});
        }
        const auto chosen = chosen_prober(candidates, wish);
        return chosen ? Prober{hosts[*chosen].id, ""}
                      : Prober{
                            "",
                            std::string("no host that could ask has an address that is ")
                                + (wish.from_allowed ? "" : "not ") + "allowed ("
                                + std::to_string(hosts.size()) + " looked at)"};
    };
    if (!wish.current.empty() && !wish.is_current_spent) {
        THIMBLE_TRY(const auto hosts, possible(wish.current, 1));
        Prober same = chosen_among(hosts);
        if (same.id == wish.current) {
            return same;
        }
    }
    if (!question.candidates) {
        THIMBLE_TRY(
            question.candidates,
            possible(sha256_of(wish.key).substr(0, row.host_id.size()), kMostCandidates));
    }
    return chosen_among(*question.candidates);
}

/// The rights of who asked for the control reach no other host.
Result<Prober> prober_of(store::Connection& connection, const ProberQuestion& question) {
    const store::ControlRecord& record = question.record;
    const OutsidePlace& place = question.place;
    const std::string& shielded = question.row.host_id;
    if (question.plan.is_chosen) {
        return chosen_prober_of(connection, question);
    }
    THIMBLE_TRY(const std::string name, name_of(connection, place.probe.host));
    if (place.is_whose_unclear) {
        return Prober{
            "",
            "the control has several hosts, and its document does not say whose address "
                + place.probe.address + " is"};
    }
    THIMBLE_TRY(const auto hosts, store::hosts_called(connection, place.probe.host));
    if (hosts.size() != 1) {
        return Prober{
            "", (hosts.empty() ? "there is no host " : "there is more than one host ") + name};
    }
    const store::ProbingHost& host = hosts.front();
    if (host.id == shielded) {
        return Prober{"", name + " is the host itself"};
    }
    if (record.host_group != kEveryGroup && record.host_group != host.host_group) {
        return Prober{"", name + " is not of the group " + record.host_group};
    }
    return host.silent_at <= question.now ? Prober{"", name + " is not heard of"}
                                          : Prober{host.id, ""};
}

/// What came of one question.
struct PlaceWord {
    PlaceAnswer answer = PlaceAnswer::Unknown;
    std::string why;
};

/// A host that is not where it was to be proves nothing: its own address says so. Behind a translation of addresses it may
/// not be the one that the shielded host sees, so that what got through as it should stands.
PlaceWord word_of(
    const OutsidePlan& plan,
    const OutsidePlace& place,
    const std::optional<model::ControlReport>& said,
    const JobReport& report) {
    const mitigate::ControlProbe& probe = place.probe;
    if (!said || said->checks.size() != 1 || !said->checks.front().passed) {
        return {
            PlaceAnswer::Unknown,
            probe.host + " could not tell: " + report.text.substr(0, report.text.find('\n'))};
    }
    const bool is_connected =
        said->checks.front().passed.value_or(!probe.from_allowed) == probe.from_allowed;
    const std::string from = probe.host + (said->source.empty() ? "" : " (" + said->source + ")");
    const std::string target = mitigate::endpoint_text(probe.address, probe.port);
    const bool is_source_allowed = is_allowed_in(plan, said->source);
    if (!probe.from_allowed && said->source.empty()) {
        return {PlaceAnswer::Unknown, from + " does not tell from which address it asked"};
    }
    if (!probe.from_allowed && is_source_allowed) {
        return {PlaceAnswer::Unknown, from + " was to be refused, and its address is allowed"};
    }
    if (probe.from_allowed && !is_connected && !is_source_allowed) {
        return {PlaceAnswer::Unknown, from + " was to be allowed, and its address is not"};
    }
    const std::string place_word =
        probe.from_allowed ? ", which is allowed, " : ", which is not allowed, ";
    return is_connected
        ? PlaceWord{PlaceAnswer::Connected, from + place_word + "reaches " + target}
        : PlaceWord{
              PlaceAnswer::NotConnected,
              from + place_word + "does not reach " + target + ": " + said->checks.front().seen};
}

std::string json_of(const std::string& host_id, const std::string& outside) {
    std::string text;
    JsonWriter json(text);
    json.open_object().member("host", host_id).member_or_null("outside", outside).close_object();
    return text;
}

Result<std::vector<rollout::AskedPlace>> asked_places(
    store::Connection& connection,
    const OutsidePlan& plan,
    std::span<const store::ControlProbe> rows) {
    std::vector<rollout::AskedPlace> places;
    places.reserve(plan.places.size());
    for (const OutsidePlace& place : plan.places) {
        rollout::AskedPlace& asked = places.emplace_back();
        asked.from_allowed = place.probe.from_allowed;
        asked.target = mitigate::endpoint_text(place.probe.address, place.probe.port);
        const auto row = std::ranges::find(rows, place.number, &store::ControlProbe::number);
        if (row == rows.end()) {
            continue;
        }
        THIMBLE_TRY(asked.who, name_of(connection, row->prober_id));
        const bool is_elsewhere = is_of_another_target(*row, target_of(plan, place));
        asked.answer =
            is_elsewhere ? PlaceAnswer::Unknown : rollout::place_answer_named(row->answer);
        asked.why = is_elsewhere ? "nobody has tried " + asked.target
                + " yet, which is the address that the host has now"
                                 : row->why;
    }
    // Nobody is among the allowed sources: nobody has to say so.
    std::erase_if(places, [&](const rollout::AskedPlace& place) {
        return plan.is_chosen && place.from_allowed && place.who.empty()
            && place.answer == PlaceAnswer::Unknown;
    });
    return places;
}

/// What they say together.
rollout::OutsideWord word_of(
    const OutsidePlan& plan,
    std::span<const rollout::AskedPlace> places,
    const std::optional<rollout::OutsideWord>& before) {
    rollout::OutsideWord word = plan.is_chosen
        ? rollout::chosen_outside_word(
              before, {places, !plan.targets.allowed.empty(), plan.nobody_why})
        : rollout::next_outside_word(before, rollout::outside_word(places, !plan.allowed.empty()));
    const std::string note = untried_note(plan);
    word.why += word.why.contains(note) ? "" : note;
    return word;
}

/// What hosts outside change of where a control stands on its host.
std::optional<ControlEvent> event_of(
    std::optional<OutsideVerdict> before, OutsideVerdict after, const store::ControlHost& host) {
    const ControlState state = control_state_of(host.state);
    if (after == OutsideVerdict::Open) {
        return is_control_up(state) && state != ControlState::Lapsed
            ? std::optional(ControlEvent::DoesNotHold)
            : std::nullopt;
    }
    // As its own host said last; of 0 a look is wanted, and its end tells.
    const bool holds_there = host.tried_at != Instant() && host.last_verified >= host.tried_at;
    return before == OutsideVerdict::Open && state == ControlState::Lapsed && holds_there
        ? std::optional(ControlEvent::Holds)
        : std::nullopt;
}

/// What a question was about.
struct AskedAbout {
    ControlCourse course;
    store::ControlHost host;
    store::ControlProbe row;
};

/// @return none: it is no longer asked about
Result<std::optional<AskedAbout>> asked_about(
    Context& context, store::Connection& connection, Trail& trail, const std::string& job_id) {
    THIMBLE_TRY(auto row, store::control_probe_of_job(connection, job_id));
    if (!row) {
        return std::optional<AskedAbout>();
    }
    THIMBLE_TRY(auto host, store::control_host_of(connection, row->control_id, row->host_id));
    if (!host || !is_control_up(control_state_of(host->state))) {
        THIMBLE_TRY(store::forget_control_probes(connection, row->control_id, row->host_id));
        return std::optional<AskedAbout>();
    }
    THIMBLE_TRY(auto course, ControlCourse::open(context, connection, trail, row->control_id));
    return std::optional(AskedAbout{std::move(course), *std::move(host), *std::move(row)});
}

/// What was said, and by whom.
struct SaidAnswer {
    PlaceWord word;
    std::string actor;
};

Result<void> take_answer(
    store::Connection& connection, Trail& trail, AskedAbout& about, const SaidAnswer& said) {
    about.row.job_id.clear();
    about.row.answered_at = trail.now();
    about.row.answer = rollout::place_answer_name(said.word.answer);
    about.row.why = said.word.why;
    THIMBLE_TRY(store::set_control_probe(connection, about.row));
    THIMBLE_TRY(about.course.weigh_outside(about.host, said.actor));
    return about.course.settle_host(about.host);
}

/// Of what is still asked there nobody hears the answer.
Result<void> withdraw_questions(
    store::Connection& connection, Trail& trail, std::span<store::ControlProbe> rows) {
    for (store::ControlProbe& row : rows) {
        if (!row.job_id.empty()) {
            THIMBLE_TRY(store::finish_job(connection, row.job_id, row.prober_id, trail.now()));
            trail.tell({{}, {std::exchange(row.job_id, "")}});
        }
    }
    return {};
}

/// What was asked of places that are none any more: the address of the host is not known now, or its ports are others.
Result<void> forget_places(
    store::Connection& connection,
    Trail& trail,
    const OutsidePlan& plan,
    std::span<store::ControlProbe> rows) {
    for (store::ControlProbe& row : rows) {
        if (std::ranges::find(plan.places, row.number, &OutsidePlace::number)
            == plan.places.end()) {
            THIMBLE_TRY(withdraw_questions(connection, trail, {&row, 1}));
            THIMBLE_TRY(store::forget_control_probe(connection, row));
        }
    }
    return {};
}

}  // namespace

Result<void> ControlCourse::forget_outside(store::ControlHost& host) {
    host.outside.clear();
    host.outside_why.clear();
    return store::forget_control_probes(connection_, host.control_id, host.host_id);
}

Result<void> ControlCourse::ask_place(
    store::ControlProbe& row,
    const OutsidePlan& plan,
    const OutsidePlace& place,
    Candidates& candidates) {
    const Instant now = trail_.now();
    THIMBLE_TRY(
        const Prober prober, prober_of(connection_, {record_, plan, place, row, now, candidates}));
    std::string target = target_of(plan, place);
    if (row.prober_id != prober.id || is_of_another_target(row, target)) {
        row.answer.clear();  // nobody answers for another one, or for another address
    }
    row.prober_id = prober.id;
    row.target = std::move(target);
    row.asked_at = now;
    if (prober.id.empty()) {
        row.answered_at = now;
        row.answer = rollout::place_answer_name(PlaceAnswer::Unknown);
        row.why = prober.problem;
        return store::set_control_probe(connection_, row);
    }
    JobOrder order;
    order.kind = protocol::JobKind::ProbeControl;
    order.host_id = prober.id;
    order.created_by = "server";
    order.good_for = std::clamp(
        std::chrono::duration_cast<std::chrono::minutes>(
            std::chrono::seconds(record_.verify_seconds)),
        kLeastTime,
        kMostTime);
    order.control = protocol::JobControl{record_.id, record_.digest, ""};
    order.probe =
        protocol::JobProbe{place.probe.from_allowed, place.probe.address, place.probe.port};
    THIMBLE_TRY(store::Job made, make_job(connection_, context_.authority, order, now));
    row.job_id = made.id;
    trail_.tell({{std::move(made)}, {}});
    return store::set_control_probe(connection_, row);
}

Result<void> ControlCourse::ask_outside(store::ControlHost& host) {
    THIMBLE_TRY(const OutsidePlan plan, plan_of(connection_, record_, host));
    if (!plan.is_filter) {
        return {};
    }
    THIMBLE_TRY(
        const auto rows, store::probes_of_control_host(connection_, host.control_id, host.host_id));
    Candidates candidates;
    for (const OutsidePlace& place : plan.places) {
        const auto known = std::ranges::find(rows, place.number, &store::ControlProbe::number);
        store::ControlProbe row = known != rows.end()
            ? *known
            : store::ControlProbe{host.control_id, host.host_id, place.number};
        if (row.job_id.empty() && row.asked_at + kLeastBetween <= trail_.now()) {
            THIMBLE_TRY(ask_place(row, plan, place, candidates));
        }
    }
    return weigh_outside(host, "server");
}

Result<void> ControlCourse::doubt_answers(store::ControlHost& host) {
    THIMBLE_TRY(const OutsidePlan plan, plan_of(connection_, record_, host));
    THIMBLE_TRY(
        auto rows, store::probes_of_control_host(connection_, host.control_id, host.host_id));
    const Instant now = trail_.now();
    THIMBLE_TRY(forget_places(connection_, trail_, plan, rows));
    Candidates candidates;
    for (const OutsidePlace& place : plan.places) {
        const auto row = std::ranges::find(rows, place.number, &store::ControlProbe::number);
        const bool has_moved =
            row != rows.end() && is_of_another_target(*row, target_of(plan, place));
        if (row == rows.end() || (row->prober_id.empty() && !has_moved)) {
            continue;
        }
        THIMBLE_TRY(
            const Prober prober,
            prober_of(connection_, {record_, plan, place, *row, now, candidates}));
        if (prober.id == row->prober_id && !has_moved) {
            continue;
        }
        THIMBLE_TRY(withdraw_questions(connection_, trail_, {&*row, 1}));
        THIMBLE_TRY(ask_place(*row, plan, place, candidates));
    }
    return weigh_outside(host, "server");
}

Result<void> ControlCourse::weigh_outside(store::ControlHost& host, const std::string& actor) {
    THIMBLE_TRY(const OutsidePlan plan, plan_of(connection_, record_, host));
    THIMBLE_TRY(
        const auto rows, store::probes_of_control_host(connection_, host.control_id, host.host_id));
    const auto before = rollout::outside_verdict_named(host.outside);
    THIMBLE_TRY(const auto places, asked_places(connection_, plan, rows));
    const rollout::OutsideWord word = word_of(
        plan,
        places,
        before ? std::optional(rollout::OutsideWord{*before, host.outside_why}) : std::nullopt);
    const std::string said =
        std::exchange(host.outside, std::string(rollout::outside_verdict_name(word.verdict)));
    host.outside_why = word.why;
    if (said != host.outside) {
        THIMBLE_TRY(store::doubt_judgement(connection_, host.host_id));
        THIMBLE_TRY(trail_.note(
            {actor,
             "control.outside",
             record_.id,
             json_of(host.host_id, said),
             json_of(host.host_id, host.outside),
             word.why}));
    }
    const auto event = event_of(before, word.verdict, host);
    return event ? happen(host, event, {actor, "", "", "", word.why})
                 : store::set_control_host(connection_, host);
}

Result<void> take_probe_end(
    Context& context,
    store::Connection& connection,
    Trail& trail,
    const store::Job& job,
    const JobReport& report) {
    THIMBLE_TRY(auto about, asked_about(context, connection, trail, job.id));
    if (!about) {
        return {};
    }
    const store::ControlHost& host = about->host;
    THIMBLE_TRY(const auto said, report_of_job(connection, job, report.document));
    THIMBLE_TRY(const OutsidePlan plan, plan_of(connection, about->course.record(), host));
    const auto found = std::ranges::find(plan.places, about->row.number, &OutsidePlace::number);
    if (found == plan.places.end()) {
        about->row.job_id.clear();  // nobody waits for it
        return store::set_control_probe(connection, about->row);
    }
    OutsidePlace place = *found;
    THIMBLE_TRY(place.probe.host, name_of(connection, job.host_id));
    if (const auto content = content_of_job(job); content && content->probe) {
        place.probe.address = content->probe->address;  // its host may have another one since
    }
    const bool has_moved = place.probe.address != found->probe.address;
    const PlaceWord word = has_moved
        ? PlaceWord{
              PlaceAnswer::Unknown,
              place.probe.host + " was asked about " + place.probe.address
                  + ", and the host has another address since"}
        : word_of(plan, place, said, report);
    about->row.target = target_of(plan, *found);  // where it has moved, that nothing is known of it
    const std::string actor = "host:" + job.host_id;
    THIMBLE_TRY(take_answer(connection, trail, *about, {word, actor}));
    THIMBLE_TRY(store::add_control_check(
        connection,
        {host.control_id,
         host.host_id,
         trail.now(),
         "probe",
         about->row.answer,
         host.state,
         actor,
         report.document,
         word.why}));
    return about->course.settle_whole();
}

Result<void> lose_probe_job(
    Context& context, store::Connection& connection, Trail& trail, const store::Job& job) {
    THIMBLE_TRY(auto about, asked_about(context, connection, trail, job.id));
    if (!about) {
        return {};
    }
    THIMBLE_TRY(const std::string name, name_of(connection, job.host_id));
    THIMBLE_TRY(take_answer(
        connection, trail, *about, {{PlaceAnswer::Unknown, name + " said nothing"}, "server"}));
    return about->course.settle_whole();
}

}  // namespace thimble::server
