#pragma once
/// @file Why the hosts of a rollout do not move on now: what decides is also what explains. Pure.

#include "thimble/rollout/ring_tally.hpp"
#include "thimble/rollout/rollout.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace thimble::rollout {

/// Why a host does not move on now.
enum class HoldReason : std::uint8_t {
    None,
    RolloutEnded,
    RolloutPaused,
    RolloutHalted,
    RingAhead,  ///< a ring before it has not passed
    Deferral,   ///< so long since the beginning has not passed
    Freeze,
    Window,
    TooLong,    ///< what is left of the window is too short for it
    NotFrozen,  ///< the first ring is still being planned
    Approval,
    TakenBack,            ///< another of its group took the set back, and nobody has looked yet
    Notice,               ///< its owner has been told, and has time
    DeferredByOwner,      ///< its owner has put it off
    AtOnce,               ///< as many as are allowed are being changed
    Peer,                 ///< one of its set is being changed
    BrokenPeer,           ///< one of its set failed
    PeerElsewhere,        ///< one of its set is being changed by another rollout
    BrokenPeerElsewhere,  ///< one of its set failed in another rollout
    Order,                ///< a host of an earlier step of the order is still to be done
    OrderBroken,          ///< one of an earlier step ended badly, or was not changed
    Retry,                ///< a pre-check refused; it is tried again later
    RebootRetry,          ///< the host refused to reboot; it is told again later
    RebootRefused,        ///< it has refused too often
    Preparations,         ///< as many as are allowed are being prepared
    RestartIsOwners,      ///< the policy leaves services alone, or their restart did not help
    RebootIsOwners,       ///< the policy never reboots
};
struct Hold {
    HoldReason reason = HoldReason::None;
    Instant until;  ///< when it ends at the earliest; 0: unknown
    std::size_t other =
        0;  ///< the peer, the host of the earlier step, or the ring; of Elsewhere: which of these
    bool operator==(const Hold&) const = default;
};

/// A host that another rollout which is not over changes or reboots, or that failed in it.
struct PeerElsewhere {
    std::string set;      ///< name of its availability set: "ha=db"
    std::string host;     ///< id
    std::string rollout;  ///< for people
    bool is_broken = false;
    bool operator==(const PeerElsewhere&) const = default;
};

/// The holds of all hosts at one instant; what must be counted over all of them is counted once.
class Holds {
public:
    /// @param rollout    must outlive this, like `openings` and `elsewhere`
    /// @param openings   must reach past `now`
    /// @param elsewhere  what other rollouts do to hosts of availability sets
    Holds(
        const Rollout& rollout,
        const Openings& openings,
        Instant now,
        std::span<const PeerElsewhere> elsewhere = {});

    /// Why a host does not move on; None: it does with the next step, or has nothing before it.
    /// @param at  index in rollout.hosts
    [[nodiscard]] Hold of(std::size_t at) const;
    /// How many hosts of a ring are ready and wait for a person alone: their owners have put them off, what is before
    /// them in the order has ended, and not well, or their set was taken back.
    [[nodiscard]] std::size_t stalled(std::size_t ring) const;
    [[nodiscard]] std::span<const PeerElsewhere> elsewhere() const { return elsewhere_; }
    [[nodiscard]] const RingTally& tally(std::size_t ring) const { return tallies_[ring]; }

    /// A host that nothing held has moved on: it is prepared, changed or rebooted now.
    void note_move(std::size_t at, HostStage before);

private:
    void note_elsewhere();
    void note_peer(std::size_t at);
    [[nodiscard]] Hold ring_hold(std::size_t ring) const;
    [[nodiscard]] Hold hold_of_begin(const RolloutHost& host) const;
    void note_order(std::size_t at);
    [[nodiscard]] Hold peer_hold(const RolloutHost& host) const;
    [[nodiscard]] Hold elsewhere_hold(const RolloutHost& host) const;
    [[nodiscard]] Hold order_hold(const RolloutHost& host) const;
    [[nodiscard]] Hold others_hold(const RolloutHost& host) const;
    [[nodiscard]] Hold hold_of_change(const RolloutHost& host) const;
    [[nodiscard]] Hold hold_of_reboot(const RolloutHost& host) const;

    const Rollout& rollout_;
    const Openings& openings_;
    Instant now_;
    std::vector<RingTally> tallies_;
    std::vector<std::size_t> changing_peer_;  // by set
    std::vector<std::size_t> broken_peer_;    // by set
    std::span<const PeerElsewhere> elsewhere_;
    std::vector<std::vector<std::size_t>>
        elsewhere_of_set_;  ///< by set less 1; empty: there is nobody
    std::vector<std::size_t>
        before_open_;  // by ring: the earliest in the order that is still to be done
    std::vector<std::size_t> before_ended_;  // likewise that has ended, and holds those after it
    std::vector<std::size_t>
        put_off_;  // by ring: those that are ready, or whose set was taken back
    std::size_t preparing_ = 0;
    std::size_t rebooting_ = 0;
};

/// What a host asks for when it would begin what it was told.
struct LeaseAsked {
    bool is_reboot = false;
    std::chrono::seconds needs{0};  ///< how long it will last
    bool is_restart =
        false;  ///< of services, after a change for which people's and owner's words were asked
};

/// Why what a host was told may not begin any more, asked at the moment at which it would. Hosts are not counted:
/// whoever was told has its place.
/// @param rollout  its hosts may be left out
/// @param host     who asks
Hold lease_hold(
    const Rollout& rollout,
    const RolloutHost& host,
    const LeaseAsked& asked,
    const Openings& openings,
    Instant now);

/// How long a transaction takes with the hooks before it, and how long a reboot may.
std::chrono::seconds needs_of_change(const Policy& policy, const RolloutHost& host);
std::chrono::seconds needs_of_reboot(const Policy& policy);

/// Whether a word still counts: for this set, not too old, and of somebody else than who began the rollout.
bool is_good(const Approval& approval, const Rollout& rollout, Instant now);

/// Not begun, or to be tried again.
bool is_begun_anew(const RolloutHost& host);
/// In its transaction and what follows, or rebooting.
bool is_in_change(HostStage stage);

/// Somebody has to mend it before another of its availability set is touched.
bool is_broken(HostStage stage);

/// How many hosts are planned and rehearsed at the same time, at most.
inline constexpr std::size_t kMostPreparing = 10'000;

}  // namespace thimble::rollout
