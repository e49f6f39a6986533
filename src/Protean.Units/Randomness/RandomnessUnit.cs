using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;

namespace Protean.Units.Randomness;

/// <summary>Random values that nobody can foresee, choose or hold back, and that everybody can check: on request, and as a beacon
/// (paper 3.3; protocols 4.1).</summary>
public sealed class RandomnessUnit : IFunctionalUnit
{
    /// <summary>The purpose of the unit's key: draws and beacon rounds, told apart by the first byte of the message, and nothing
    /// else.</summary>
    public const string KeyPurpose = "draw";

    public string Name => "randomness";
    public IReadOnlyList<Transaction> Transactions => RandomnessTransactions.All;
    public IReadOnlyList<string> KeyPurposes => [KeyPurpose];

    public void Join(IMembership membership)
    {
        var draw = RandomnessTransactions.Draw.Name;
        membership.Handle(draw, _ => membership.Key(KeyPurpose) is null ? NoKey() : new Outcome.Pending(Bytes.Empty));
        membership.HandlePending(draw, pending =>
            DrawResult.OfRequest(Key(membership), pending.ReplayKey, pending.InputsDigest, membership.Random));
        membership.HandlePending(RandomnessTransactions.Beacon, pending =>
            DrawResult.OfBeacon(Key(membership), Beacon.RoundOf(pending.About), membership.Random));
        membership.HandleQuery(RandomnessTransactions.Beacon, query => Round(query, membership.Context.UnitId));
        if (Beacon.Of(membership.Genesis) is not { } beacon) return;
        membership.HandleDue(state => membership.Key(KeyPurpose) is null ? null : beacon.NextDue(state), beacon.Begin);
    }

    // The record of a sealed round, for requests that build on it.
    private static Bytes? Round(Query query, Digest unitId)
    {
        if (query.Input.Length != sizeof(ulong) || query.Duty(RandomnessTransactions.Beacon, query.Input) is not { } round) return null;
        var value = round.Outputs.Find(RandomnessTransactions.Value)!.Value;
        return Bytes.Wrap(Canonical.Encode(new BeaconRecord(unitId, Beacon.RoundOf(query.Input), value, round.Receipt)));
    }

    private static KeyGeneration.ThresholdKey Key(IMembership membership) =>
        membership.Key(KeyPurpose) ?? throw new InvalidOperationException("a result is pending that needs a key, and there is none");

    private static Outcome.Refused NoKey() => new(new Refusal(
        RandomnessTransactions.NoKey.Code, RandomnessTransactions.NoKey.Meaning, Expected: $"the key '{KeyPurpose}'",
        Got: "its generation is under way", Retry: true,
        Advice: "Ask again in a few seconds; the unit's status says which members it waits for."));
}
