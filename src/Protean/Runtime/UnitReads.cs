using Protean.Codec;
using Protean.Consensus;
using Protean.Cryptography;
using Protean.KeyGeneration;
using Protean.Membership;
using Protean.Sealing;
using Protean.State;

namespace Protean.Runtime;

/// <summary>What a member can show to a reader without the log: proofs at sealed heights, and how it stands.</summary>
public sealed class UnitReads
{
    private readonly UnitState _state;
    private readonly Sealer _sealer;
    private readonly UnitLogic _logic;
    private readonly StoredResults _results;
    private readonly OutputStore _outputs;
    private readonly SimplexMember _consensus;
    private readonly SharedResults _shared;

    internal UnitReads(UnitState state, Sealer sealer, UnitLogic logic, StoredResults results, OutputStore outputs, SimplexMember consensus, SharedResults shared) =>
        (_state, _sealer, _logic, _results, _outputs, _consensus, _shared) = (state, sealer, logic, results, outputs, consensus, shared);

    /// <summary>The highest sealed height held here; null before the first.</summary>
    public SealedHeader? Head => _sealer.Last;

    /// <summary>What this member's execution came to at a height of this epoch, sealed or not; null where it is not held.</summary>
    public SealHeader? Executed(ulong height) => _sealer.Executed(height);

    /// <summary>Outputs of the result at a place in the log; null where they are not held.</summary>
    public Outputs? OutputsAt(LeafPlace place) => _outputs.Find(place)?.Outputs;

    /// <summary>Members that evidence held here convicts, with what they did.</summary>
    public IEnumerable<(MemberId Member, string Deed)> Convicted =>
    [
        .. _consensus.Evidence.Select(static evidence => (evidence.Culprit, evidence.Kind.ToString())),
        .. _shared.Guilty.Select(static guilty => (guilty.Member, $"wrong share of {guilty.Subject}")),
        .. _logic.KeyGenerations.Evidence(_state.Keys).Select(static evidence => (evidence.Accused, evidence.Offence.ToString())),
    ];

    /// <summary>Keys and prefixes of the unit's data, proven at the highest sealed height; null where that is below <paramref name="minHeight"/>.</summary>
    public StateReading? Prove(IReadOnlyList<Bytes> keys, IReadOnlyList<Bytes> prefixes, ulong minHeight)
    {
        if (Head is not { } head || head.Header.Height < minHeight || _state.DataAt(head.Header.Height) is not { } data) return null;
        return new StateReading(head, new StateWitness(data.Root, data.Data.Prove(keys, prefixes)));
    }

    /// <summary>A generated key; null before it is generated and sealed.</summary>
    public KeyReading? Key(string purpose)
    {
        if (!_logic.KeyGenerations.Has(_state.Keys, purpose) || _logic.KeyGenerations.Record(_state.Keys, purpose) is not { } record) return null;
        var sealing = _results.Find(RequestDigests.Duty(GeneratedKey.Function, Bytes.Of(purpose)));
        return sealing is null ? null : new KeyReading(sealing.Receipt, sealing.Outputs, record);
    }

    /// <summary>The directory's link into an epoch, once its record is sealed; null in other units, and before.</summary>
    public EpochLink? EpochLink(ulong epoch)
    {
        var made = _results.Find(RequestDigests.Duty(Membership.EpochLink.Function, Membership.EpochLink.SubjectOf(epoch)));
        return made is null ? null : new EpochLink(Canonical.Decode<EpochRecord>(made.Outputs.Find("record")!.Value.Span), made.Receipt);
    }

    /// <summary>A result that the unit found by itself, such as a beacon round.</summary>
    public DutyReading Duty(string function, Bytes subject)
    {
        var key = RequestDigests.Duty(function, subject);
        return new DutyReading(ReplayCache.Find(_state.Replay, key) is not null, _results.Find(key));
    }

    /// <summary>Answers an unordered question from this member's state; null where the unit has no such question.</summary>
    public Answer? Query(string name, Bytes input) => _logic.Queries.TryGetValue(name, out var answer) ? answer(new Query(input, _state.Data, Duty)) : null;

    /// <summary>How far each of the unit's key generations is.</summary>
    public IReadOnlyList<(string Purpose, bool Ready, string Progress)> Keys =>
    [
        .. _logic.KeyGenerations.Purposes(_state.Keys).Select(purpose => (purpose, _logic.Key(purpose) is not null, _logic.KeyGenerations.Progress(_state.Keys, purpose)?.ToString() ?? "not begun")),
    ];
}

/// <summary>How a unit's member stands, for people: heights, and whatever is waited for, with have and need.</summary>
/// <param name="StateRoot">At the executed height: members that stand at the same height have the same.</param>
public sealed record UnitStatus(
    string Unit, Digest UnitId, ulong Epoch, ulong View, ulong ExecutedHeight, Digest StateRoot, ulong SealedHeight, IReadOnlyList<string> Waiting,
    IReadOnlyList<(string Purpose, bool Ready, string Progress)> Keys, Refusal? Halted);

/// <summary>State as proven at a sealed height.</summary>
public sealed record StateReading(SealedHeader Seal, StateWitness Witness);

/// <summary>A generated key with what convinces a third party of it.</summary>
public sealed record KeyReading(Receipt Receipt, Outputs Outputs, KeyRecord Record);
