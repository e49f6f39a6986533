using CsCheck;
using Protean.Codec;
using Protean.Cryptography;
using Protean.State;
using Protean.Tests.Tidy;
using Xunit;

namespace Protean.Tests.State;

[LeavesOut(typeof(StateWitness), nameof(StateWitness.Checks))]
public sealed class StateWitnessTests
{
    private static readonly WitnessQuestion Nothing = new("data", [], []);

    private static (StateRoot Root, StateWitness Witness) Witness(MapView map, IReadOnlyList<Bytes> keys, IReadOnlyList<Bytes> prefixes)
    {
        var root = new StateRoot([("replay", Hash.H("test", [1])), ("data", map.Root), ("keys", Hash.H("test", [2]))]);
        return (root, new StateWitness(root.Open("data"), map.Prove(keys, prefixes)));
    }

    [Fact]
    public void A_witness_shows_what_the_map_holds_under_every_key_and_prefix_asked_for() =>
        Gen.Select(Maps.Entries.Array[0, 40], Maps.Keys.Array[0, 5], Maps.Keys.Array[0, 3]).Sample((content, others, prefixes) =>
        {
            var map = Maps.With(content).Map.Current;
            Bytes[] keys = [.. others, .. content.Take(3).Select(entry => entry.Key)];
            var (root, built) = Witness(map, keys, prefixes);
            var witness = Canonical.Decode<StateWitness>(Canonical.Encode(built));
            Assert.Null(witness.Verify(root.Root, new WitnessQuestion("data", keys, prefixes)));
            Assert.Equal(built, witness);
            foreach (var key in keys)
            {
                Assert.True(witness.Proof.TryGet(key, out var entry));
                Assert.Equal(map.Get(key), entry);
            }
            foreach (var prefix in prefixes)
            {
                Assert.True(witness.Proof.TryScan(prefix, out var entries));
                Assert.True(witness.Proof.TrySubtreeHash(prefix, out var hash));
                Assert.Equal(map.Scan(prefix), entries);
                Assert.Equal(map.SubtreeHash(prefix), hash);
            }
        });

    [Fact]
    public void What_a_proof_says_beyond_what_was_asked_is_true_as_well() =>
        Gen.Select(Maps.Entries.Array[0, 40], Maps.Keys.Array[0, 3], Maps.Keys.Array[0, 2], Maps.Keys).Sample((content, keys, prefixes, other) =>
        {
            var map = Maps.With(content).Map.Current;
            var proof = map.Prove(keys, prefixes);
            if (proof.TryGet(other, out var entry)) Assert.Equal(map.Get(other), entry);
            if (proof.TryScan(other, out var entries)) Assert.Equal(map.Scan(other), entries);
            if (proof.TrySubtreeHash(other, out var hash)) Assert.Equal(map.SubtreeHash(other), hash);
            Assert.Subset(map.Scan(default).ToHashSet(), proof.Entries.ToHashSet());
        });

    [Fact]
    public void No_byte_of_a_witness_can_be_changed() =>
        Gen.Select(Maps.Entries.Array[0, 12], Maps.Keys.Array[1, 3], Maps.Keys.Array[0, 1], Gen.Byte[1, 255]).Sample((content, keys, prefixes, flip) =>
        {
            var (root, witness) = Witness(Maps.With(content).Map.Current, keys, prefixes);
            var bytes = Canonical.Encode(witness);
            for (var i = 0; i < bytes.Length; i++)
            {
                bytes[i] ^= flip;
                Assert.False(IsAccepted(bytes, root.Root), $"byte {i} of {bytes.Length}");
                bytes[i] ^= flip;
            }
            Assert.True(IsAccepted(bytes, root.Root));
        }, iter: 30);

    [Fact]
    public void A_witness_of_another_map_is_refused() => Refused("PRT-STA-0001", (root, witness) =>
        (root.Root, witness, Nothing with { Map = "replay" }));

    [Fact]
    public void A_map_root_that_does_not_stand_in_the_state_root_is_refused()
    {
        Refused("PRT-STA-0002", (root, witness) => (Hash.H("test", [3]), witness, Nothing));
        Refused("PRT-STA-0002", (root, witness) => (root.Root, witness with { Map = witness.Map with { Index = 1 } }, Nothing));
        Refused("PRT-STA-0002", (root, witness) => (root.Root, witness with { Map = witness.Map with { Path = [] } }, Nothing));
    }

    [Fact]
    public void Nodes_of_another_map_are_refused() => Refused("PRT-STA-0003", (root, witness) =>
        (root.Root, witness with { Proof = Maps.With(Maps.Entry("a", "forged")).Map.Current.Prove([Maps.Key("a")], []) }, Nothing));

    [Fact]
    public void A_key_outside_the_witness_is_refused_by_name() => Refused("PRT-STA-0004", (root, witness) =>
        (root.Root, witness, Nothing with { Keys = [Maps.Key("a"), Maps.Key("bc")] }), got: Maps.Key("bc"));

    [Fact]
    public void A_prefix_that_is_not_shown_whole_is_refused_by_name() => Refused("PRT-STA-0005", (root, witness) =>
        (root.Root, witness, Nothing with { Prefixes = [Maps.Key("a"), Maps.Key("b")] }), got: Maps.Key("b"));

    private static readonly string[] Content = ["a", "b", "ba", "bab", "bc"];

    // The witness shows "a" and all under "ba" and "a", and not what is under "b" and "bc".
    private static void Refused(string code, Func<StateRoot, StateWitness, (Digest, StateWitness, WitnessQuestion)> change, Bytes? got = null)
    {
        var map = Maps.With(Content.Select(key => Maps.Entry(key))).Map.Current;
        var (root, good) = Witness(map, [Maps.Key("a")], [Maps.Key("ba"), Maps.Key("a")]);
        Assert.Null(good.Verify(root.Root, new WitnessQuestion("data", [Maps.Key("a")], [Maps.Key("ba"), Maps.Key("a")])));
        var (stateRoot, witness, question) = change(root, good);
        var refusal = witness.Verify(stateRoot, question);
        Assert.Equal(code, refusal?.Code);
        if (got is not null) Assert.Equal(got.ToString(), refusal?.Got);
        Assert.Null(witness.Verify(stateRoot, question, without: code));
    }

    private static bool IsAccepted(byte[] bytes, Digest stateRoot)
    {
        try
        {
            return Canonical.Decode<StateWitness>(bytes).Verify(stateRoot, Nothing) is null;
        }
        catch (MalformedException)
        {
            return false;
        }
    }
}
