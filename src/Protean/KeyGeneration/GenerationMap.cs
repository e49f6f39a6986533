using System.Globalization;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Runtime;
using Protean.Sealing;
using Protean.State;

namespace Protean.KeyGeneration;

/// <summary>Where one purpose's key generation stands in the unit's map of keys: <c>purpose/state</c>, <c>purpose/key</c>, and beside them
/// <c>purpose/dealing/</c>, <c>purpose/evidence/</c> and <c>purpose/reveal/</c> by member.</summary>
internal sealed class GenerationMap(string purpose)
{
    private const ulong NoVersion = 0;

    /// <summary>Of everything that stands here of a purpose.</summary>
    public static Bytes Prefix(string purpose) => Bytes.Of($"{purpose}/");

    public GenerationState? State(MapView keys) => Find<GenerationState>(keys, Path("state"));
    public void PutState(MapEdit keys, GenerationState state) => Put(keys, Path("state"), state);

    public Bytes? KeyBytes(MapView keys) => keys.Get(Path("key"))?.Value;
    public void PutKey(MapEdit keys, Outputs key) => Put(keys, Path("key"), key);

    /// <summary>The counted dealing of the attempt under way, or of the one that made the key, as its dealer signed it.</summary>
    public Contribution? Dealing(MapView keys, MemberId dealer) => Find<Contribution>(keys, DealingPath(dealer));
    public void PutDealing(MapEdit keys, Contribution dealing) => Put(keys, DealingPath(dealing.Member), dealing);
    public void DeleteDealing(MapEdit keys, MemberId dealer) => keys.Delete(DealingPath(dealer));

    /// <summary>What convicted each member, in the order of members.</summary>
    public IEnumerable<Evidence> Evidence(MapView keys) =>
        keys.Scan(Path("evidence/")).Select(entry => Canonical.Decode<Evidence>(entry.Value.Span));

    /// <summary>What convicted a member first stays.</summary>
    public void PutEvidence(MapEdit keys, Evidence evidence)
    {
        var path = Path($"evidence/{Number(evidence.Accused)}");
        if (keys.Get(path) is null) Put(keys, path, evidence);
    }

    public IReadOnlyList<Reveal> Reveals(MapView keys, MemberId dealer) =>
        [.. keys.Scan(Path($"reveal/{Number(dealer)}/")).Select(entry => Canonical.Decode<Reveal>(entry.Value.Span))];

    public void PutReveal(MapEdit keys, Reveal reveal) =>
        Put(keys, Path($"reveal/{Number(reveal.Dealer)}/{Number(new MemberId(reveal.Index))}"), reveal);

    private Bytes DealingPath(MemberId dealer) => Path($"dealing/{Number(dealer)}");
    private Bytes Path(string rest) => Bytes.Of($"{purpose}/{rest}");

    // Two digits, so that entries stand in the order of members.
    private static string Number(MemberId member) => member.Index.ToString("00", CultureInfo.InvariantCulture);

    private static T? Find<T>(MapView keys, Bytes path) where T : class, ICanonical<T> =>
        keys.Get(path) is { } entry ? Canonical.Decode<T>(entry.Value.Span) : null;

    private static void Put<T>(MapEdit keys, Bytes path, T value) where T : ICanonical<T> =>
        keys.Put(new MapEntry(path, NoVersion, Bytes.Empty, Bytes.Wrap(Canonical.Encode(value))));
}

/// <summary>A member's share from a dealer whose polynomial is made public (protocols 3.4).</summary>
/// <param name="Index">The member's: where the polynomial has this value.</param>
public sealed record Reveal(MemberId Dealer, ushort Index, Scalar Value) : ICanonical<Reveal>
{
    public void Encode(Encoder to) => to.U16(Dealer.Index).U16(Index).Raw(Value.Span);

    public static Reveal Decode(ref Decoder from)
    {
        var (dealer, index) = (new MemberId(from.U16()), from.U16());
        return Scalar.TryDecode(from.Raw(Scalar.Size), out var value)
            ? new Reveal(dealer, index, value)
            : throw new MalformedException("a revealed share is no canonical scalar");
    }
}
