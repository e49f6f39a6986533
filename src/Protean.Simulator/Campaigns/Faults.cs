namespace Protean.Simulator.Campaigns;

/// <summary>Every fault that a run may draw, by name.</summary>
public static class Faults
{
    // Any member, any number of them.
    public const string Crash = "crash", CrashAmidst = "crash-amidst", TornWrite = "torn-write", FullDisk = "full-disk", PowerCut = "power-cut";

    // The network.
    public const string Loss = "loss", Duplicate = "duplicate", Delay = "delay", Partition = "partition", OneWay = "one-way", Staggered = "staggered";

    // At most f members, these and the next together. A member may contradict what its disk has forgotten; all else is judged.
    public const string LostDisk = "lost-disk", OlderDisk = "older-disk", LostFsync = "lost-fsync", BitFlip = "bit-flip";

    // Judged as honest.
    public const string ClockSkew = "clock-skew", StayDown = "stay-down";

    // What Byzantine members do.
    public const string Withhold = "withhold", Select = "select", Garbage = "garbage", Oversize = "oversize", Replay = "replay", Forge = "forge",
        Transplant = "transplant", Equivocate = "equivocate", Skip = "skip", Twins = "twins", Mutate = "mutate", WrongShare = "wrong-share",
        WrongSeal = "wrong-seal", WrongDeal = "wrong-deal", FalseComplaint = "false-complaint";

    public const string LyingClient = "lying-client";

    public static IReadOnlyList<string> Deeds { get; } =
        [Withhold, Select, Garbage, Oversize, Replay, Transplant, Forge, Equivocate, Skip, Twins, Mutate, WrongShare, WrongSeal];

    /// <summary>Only where keys are generated.</summary>
    public static IReadOnlyList<string> KeyDeeds { get; } = [WrongDeal, FalseComplaint];

    public static IReadOnlyList<string> DiskFaults { get; } = [LostDisk, OlderDisk, LostFsync, BitFlip];

    public static IReadOnlyList<string> Afflictions { get; } = [ClockSkew, StayDown];

    public static IReadOnlyList<string> All { get; } =
    [
        Crash, CrashAmidst, TornWrite, FullDisk, PowerCut, Loss, Duplicate, Delay, Partition, OneWay, Staggered, .. DiskFaults, .. Afflictions,
        .. Deeds, .. KeyDeeds, LyingClient,
    ];
}
