using Protean.Codec;
using Protean.Cryptography;
using Protean.Runtime;
using Protean.State;

namespace Protean.KeyGeneration;

/// <summary>A contribution that a member owes, before it is signed.</summary>
public sealed record Posting(string Topic, Digest Subject, Bytes Payload);

/// <summary>One member's own part in a key generation: what it deals, what it finds in the shares dealt to it, and the share that comes
/// of them.</summary>
/// <remarks>What it owes follows from the replicated state, its encryption secret and its own dealing, which is durable before it is
/// shown: so after a restart it says the same again and never deals twice. Shares are not stored: they are opened from the logged
/// dealings whenever they are needed.</remarks>
public sealed class KeyHolder : IDisposable
{
    private readonly KeyGenerator _generator;
    private readonly MemberId _self;
    private readonly SecretScalar _encryptionSecret;
    private readonly IStore _store;
    private readonly IRandom _random;

    // Found once per session, since proofs are randomised and checks cost t multiplications a dealer.
    private DkgSession? _session;
    private Posting? _dealing;
    private SortedDictionary<MemberId, Posting>? _complaints;
    private ThresholdKey? _key;

    /// <param name="encryptionSecret">ek of the committee's epoch; stays the caller's.</param>
    public KeyHolder(KeyGenerator generator, MemberId self, SecretScalar encryptionSecret, IRandom random, IStore store)
    {
        (_generator, _self, _encryptionSecret, _store, _random) = (generator, self, encryptionSecret, store, random);
    }

    /// <summary>What this member still owes the log, given the state of its last final block. Each posting stays the same until the log
    /// answers it.</summary>
    public IReadOnlyList<Posting> ToPost(MapView keys)
    {
        if (_generator.State(keys) is not { } state || state.Convicted.Contains(_self)) return [];
        if (state.Epoch != _generator.Context.Epoch) return []; // left undone by the last epoch: this one's first block begins anew
        Enter(_generator.SessionOf(state));
        return state.Phase switch
        {
            GenerationPhase.Dealing => state.Dealt.Contains(_self) ? [] : [_dealing ??= Deal()],
            GenerationPhase.Checking => [.. Complaints(keys, state, state.Unconvicted), .. Acknowledgement(keys, state)],
            _ => [.. Complaints(keys, state, _generator.Key(keys)!.Qualified.Except(state.Exposed)), .. Reveals(keys, state)],
        };
    }

    /// <summary>The key with this member's share, once generated; without the share while a dealer's wrong one is not repaired.</summary>
    public ThresholdKey? Key(MapView keys)
    {
        if (_generator.Key(keys) is not { } generated) return null;
        if (_key?.Share is not null) return _key;
        var state = _generator.State(keys)!;
        Enter(_generator.SessionOf(state));
        if (OpenShare(keys, state, generated) is { } share) _key = new ThresholdKey(generated, _self, share);
        return _key ??= new ThresholdKey(generated, _self, share: null);
    }

    public void Dispose() => _key?.Dispose();

    private void Enter(DkgSession session)
    {
        if (_session?.Sid != session.Sid) (_session, _dealing, _complaints) = (session, null, null);
    }

    // Durable before it is returned: a second dealing of one session would convict this member.
    private Posting Deal()
    {
        var sid = _session!.Sid;
        var path = new Bytes([.. "keygen/"u8, .. sid.Span]);
        if (_store.Get(path.Span) is not { } dealing)
        {
            dealing = Dealing.Deal(_session, _self.Index, _random).Encode();
            var batch = new StoreBatch();
            batch.Put(path, dealing);
            _store.Write(batch);
        }
        return new Posting(KeyGenerator.DealingTopic, sid, new Bytes(dealing));
    }

    /// <summary>A complaint about each dealer whose share to this member does not fit its commitments.</summary>
    private SortedDictionary<MemberId, Posting> Complaints(MapView keys, GenerationState state)
    {
        if (_complaints is not null) return _complaints;
        var complaints = new SortedDictionary<MemberId, Posting>();
        foreach (var dealer in state.Dealt.Members)
        {
            var dealing = _generator.Dealing(keys, state, dealer)!;
            if (dealing.TryOpen(_self.Index, _encryptionSecret, _random, out var share, out var complaint)) share.Dispose();
            else complaints.Add(dealer, new Posting(KeyGenerator.ComplaintTopic, dealing.Session.Sid, Bytes.Wrap(complaint.Encode())));
        }
        return _complaints = complaints;
    }

    private IEnumerable<Posting> Complaints(MapView keys, GenerationState state, MemberSet about) =>
        Complaints(keys, state).Where(complaint => about.Contains(complaint.Key)).Select(complaint => complaint.Value);

    private IEnumerable<Posting> Acknowledgement(MapView keys, GenerationState state)
    {
        if (state.HasAcknowledged(_self)) yield break;
        var good = Complaints(keys, state).Keys.Aggregate(state.Unconvicted, (good, dealer) => good.Without(dealer));
        yield return new Posting(KeyGenerator.AcknowledgementTopic, _session!.Sid, Bytes.Wrap(Canonical.Encode(good)));
    }

    private IEnumerable<Posting> Reveals(MapView keys, GenerationState state)
    {
        foreach (var dealer in state.Exposed.Members)
        {
            var revealed = _generator.Reveals(keys, dealer);
            if (revealed.Count >= _generator.Committee.Threshold || revealed.Any(reveal => reveal.Index == _self.Index)) continue;
            if (Complaints(keys, state).ContainsKey(dealer)) continue;
            using var share = Open(keys, state, dealer);
            var reveal = new Reveal(dealer, _self.Index, Publish(share));
            yield return new Posting(KeyGenerator.RevealTopic, _session!.Sid, Bytes.Wrap(Canonical.Encode(reveal)));
        }
    }

    /// <summary>The share of a dealer that there is no complaint about.</summary>
    private SecretScalar Open(MapView keys, GenerationState state, MemberId dealer) =>
        _generator.Dealing(keys, state, dealer)!.TryOpen(_self.Index, _encryptionSecret, _random, out var share, out _)
            ? share
            : throw new InvalidOperationException($"the share of dealer {dealer} was good before");

    /// <summary>Null while a dealer's wrong share is not repaired.</summary>
    private SecretScalar? OpenShare(MapView keys, GenerationState state, GeneratedKey key)
    {
        var repaired = new SortedDictionary<MemberId, IReadOnlyList<Reveal>>();
        foreach (var dealer in Complaints(keys, state).Keys.Where(key.Qualified.Contains))
        {
            var reveals = _generator.Reveals(keys, dealer);
            if (reveals.Count < key.Key.Threshold) return null;
            repaired.Add(dealer, reveals);
        }
        var parts = key.Qualified.Members
            .Select(dealer => repaired.TryGetValue(dealer, out var reveals) ? Repair(reveals) : Open(keys, state, dealer))
            .ToArray();
        var share = QualifiedDealings.CombineShares(parts, key.Key, _self.Index);
        foreach (var part in parts) part.Dispose();
        return share;
    }

    // f_i is public once t of its values are (protocols 3.4); each was checked when it came.
    private SecretScalar Repair(IReadOnlyList<Reveal> reveals)
    {
        var at = Scalar.FromInteger(_self.Index);
        var value = Scalar.Zero;
        foreach (var reveal in reveals)
        {
            var (numerator, denominator) = (reveal.Value, Scalar.One);
            foreach (var other in reveals.Where(other => other.Index != reveal.Index))
            {
                numerator *= at - Scalar.FromInteger(other.Index);
                denominator *= Scalar.FromInteger(reveal.Index) - Scalar.FromInteger(other.Index);
            }
            value += numerator * denominator.Invert();
        }
        return SecretScalar.TryDecode(value.Span, out var share) ? share! : throw new InvalidOperationException("a scalar is canonical");
    }

    private static Scalar Publish(SecretScalar share)
    {
        Span<byte> bytes = stackalloc byte[Scalar.Size];
        share.CopyTo(bytes);
        return Scalar.TryDecode(bytes, out var value) ? value : throw new InvalidOperationException("a share is canonical");
    }
}
