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
            Draws.OfRequest(Key(membership), pending.ReplayKey, pending.InputsDigest, membership.Random));
        membership.HandlePending(RandomnessTransactions.Beacon, pending =>
            Draws.OfBeacon(Key(membership), Beacon.RoundOf(pending.About), membership.Random));
        var beacon = Beacon.Of(membership.Genesis);
        membership.HandleQuery(RandomnessTransactions.Beacon, query => Round(query, beacon, membership.Context.UnitId));
        if (beacon is null) return;
        membership.HandleDue(state => membership.Key(KeyPurpose) is null ? null : beacon.NextDue(state), beacon.Begin);
    }

    // The record of a sealed round, for requests that build on it.
    private static Answer Round(Query query, Beacon? beacon, Digest unitId)
    {
        if (query.Input.Length != sizeof(ulong)) throw new MalformedException($"a round of {query.Input.Length} bytes, {sizeof(ulong)} expected");
        var round = Beacon.RoundOf(query.Input);
        var reading = query.Duty(RandomnessTransactions.Beacon, query.Input);
        if (reading.Sealed is not { } made) return new Answer.Refused(Missing(round, reading.Begun, beacon, Beacon.NextRound(query.State)));
        var value = made.Outputs.Find(RandomnessTransactions.Value)!.Value;
        return new Answer.Given(Bytes.Wrap(Canonical.Encode(new BeaconRecord(unitId, round, value, made.Receipt))));
    }

    private static Refusal Missing(ulong round, bool begun, Beacon? beacon, ulong? next)
    {
        if (beacon is null || (!begun && round < next))
            return new Refusal(RandomnessTransactions.NoRound.Code, RandomnessTransactions.NoRound.Meaning,
                Expected: beacon is null ? "a network with a beacon" : $"a round of the last epochs, at most {next}", Got: $"round {round}",
                Advice: "Bind a round that is still to come.");
        return new Refusal(RandomnessTransactions.NotDue.Code, RandomnessTransactions.NotDue.Meaning,
            Expected: $"round {round}, due at {beacon.TimeOf(round)} ms of block time",
            Got: begun ? "its shares are being gathered" : next is { } coming ? $"the next is round {coming}" : "no round yet",
            Retry: true, Advice: "Ask again when it is due.");
    }

    private static KeyGeneration.ThresholdKey Key(IMembership membership) =>
        membership.Key(KeyPurpose) ?? throw new InvalidOperationException("a result is pending that needs a key, and there is none");

    private static Outcome.Refused NoKey() => new(new Refusal(
        RandomnessTransactions.NoKey.Code, RandomnessTransactions.NoKey.Meaning, Expected: $"the key '{KeyPurpose}'",
        Got: "its generation is under way", Retry: true,
        Advice: "Ask again in a few seconds; the unit's status says which members it waits for."));
}
