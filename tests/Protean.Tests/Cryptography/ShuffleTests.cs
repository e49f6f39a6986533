using CsCheck;
using Protean.Cryptography;
using Protean.Tests.Tidy;
using Xunit;
using static Protean.Tests.Cryptography.Fixtures;

namespace Protean.Tests.Cryptography;

/// <summary>Shuffles by every protocol: what holds for all of them.</summary>
public sealed class ShuffleTests
{
    private static readonly byte[] Context = ShuffleStatement.ContextOf(Digest.Zero, 1, default, Digest.Zero, Digest.Zero);

    public static TheoryData<string> Protocols => [.. ShuffleProtocol.All.Select(static protocol => protocol.Name)];

    [Theory]
    [MemberData(nameof(Protocols))]
    public void A_shuffle_of_any_size_and_width_is_proven(string name)
    {
        foreach (var (rows, width) in new[] { (2, 1), (3, 2), (2, 8), (9, 1) })
        {
            using var shuffled = new Shuffled(rows, width);
            var protocol = ProtocolOf(name);
            var proof = protocol.Prove(shuffled.Statement, shuffled.Mix, SystemRandom.Instance, new ManyThreads());
            Assert.Equal(protocol.ProofSize(rows), proof.Length);
            Assert.Null(protocol.Refusal(shuffled.Statement, proof, SystemRandom.Instance, OneCore.Instance));
            Assert.Null(protocol.Refusal(shuffled.Statement, proof, new SeededRandom(1), new ManyThreads()));
            Assert.Equal(shuffled.Plaintexts(shuffled.Statement.Inputs).Order(), shuffled.Plaintexts(shuffled.Mix.Outputs).Order());
        }
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public void Two_proofs_of_one_shuffle_share_no_commitment(string name)
    {
        using var shuffled = new Shuffled(3, 1);
        var proofs = Enumerable.Range(0, 2).Select(_ => ProtocolOf(name)
            .Prove(shuffled.Statement, shuffled.Mix, SystemRandom.Instance, OneCore.Instance)
            .Chunk(Point.Size).Select(Convert.ToHexString).ToArray()).ToArray();
        Assert.Empty(proofs[0].Intersect(proofs[1]));
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public void A_proof_is_bound_to_every_part_of_its_statement(string name)
    {
        using var shuffled = new Shuffled(3, 2);
        var (protocol, statement) = (ProtocolOf(name), shuffled.Statement);
        var proof = protocol.Prove(statement, shuffled.Mix, SystemRandom.Instance, OneCore.Instance);
        string? Refusal(ShuffleStatement other) => protocol.Refusal(other, proof, SystemRandom.Instance, OneCore.Instance);
        Assert.NotNull(Refusal(statement with { Context = ShuffleStatement.ContextOf(Digest.Zero, 2, default, Digest.Zero, Digest.Zero) }));
        Assert.NotNull(Refusal(statement with { Key = statement.Key + Point.Base }));
        Assert.NotNull(Refusal(statement with { Inputs = statement.Outputs, Outputs = statement.Inputs }));
        for (var cell = 0; cell < 6; cell++)
        {
            Assert.NotNull(Refusal(statement with { Inputs = Changed(statement.Inputs, cell, Point.Base, Point.Identity) }));
            Assert.NotNull(Refusal(statement with { Inputs = Changed(statement.Inputs, cell, Point.Identity, Point.Base) }));
            Assert.NotNull(Refusal(statement with { Outputs = Changed(statement.Outputs, cell, Point.Base, Point.Identity) }));
            Assert.NotNull(Refusal(statement with { Outputs = Changed(statement.Outputs, cell, Point.Identity, Point.Base) }));
        }
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    public void A_proof_with_any_part_changed_is_refused(string name)
    {
        using var shuffled = new Shuffled(3, 1);
        var proof = ProtocolOf(name).Prove(shuffled.Statement, shuffled.Mix, SystemRandom.Instance, OneCore.Instance);
        string? Refusal(byte[] other) => ProtocolOf(name).Refusal(shuffled.Statement, other, SystemRandom.Instance, OneCore.Instance);
        Assert.All(BitFlips(proof, stride: 61), changed => Assert.NotNull(Refusal(changed)));
        for (var part = 0; part < proof.Length; part += Point.Size)
        {
            // Another valid point or scalar, so that equations have to tell.
            var changed = (byte[])proof.Clone();
            var taken = part + Point.Size < proof.Length && Point.TryDecode(proof.AsSpan(part, Point.Size), out var point)
                ? (point + Point.Base).ToArray() : Scalar.FromInteger(7).ToArray();
            taken.CopyTo(changed, part);
            Assert.NotNull(Refusal(changed));
        }
        Assert.Equal("PRT-CRY-0105", Refusal(proof[..^1]));
        Assert.Equal("PRT-CRY-0105", Refusal([.. proof, 0]));
        Assert.Equal("PRT-CRY-0105", Refusal([.. proof[..^1], 0xff]));
    }

    // A mixer that does not permute: one row copied over another, one replaced, one left as it was but not re-encrypted with its beta.
    [Theory]
    [MemberData(nameof(Protocols))]
    public void Outputs_that_are_no_permutation_are_refused(string name)
    {
        using var shuffled = new Shuffled(3, 1);
        var outputs = shuffled.Mix.Outputs;
        Ciphertexts[] wrong =
        [
            new(1, new PointList(outputs.X[1], outputs.X[1], outputs.X[2]), new PointList(outputs.Y[1], outputs.Y[1], outputs.Y[2])),
            Changed(outputs, 0, Point.Identity, Point.Base),
            Changed(outputs, 2, Point.Base, shuffled.Statement.Key + Point.Base),
        ];
        foreach (var lie in wrong.Select(one => shuffled.Statement with { Outputs = one }))
        {
            var proof = ProtocolOf(name).Prove(lie, shuffled.Mix, SystemRandom.Instance, OneCore.Instance);
            Assert.NotNull(ProtocolOf(name).Refusal(lie, proof, SystemRandom.Instance, OneCore.Instance));
        }
    }

    [Fact]
    [LeavesOut(typeof(ShuffleStatement), nameof(ShuffleStatement.Checks))]
    public void Each_check_of_a_statement_is_needed()
    {
        using var shuffled = new Shuffled(2, 2);
        using var larger = new Shuffled(3, 2);
        var statement = shuffled.Statement;
        static Ciphertexts First(Ciphertexts of, int cells, int width) =>
            new(width, new PointList([.. of.X.Span[..cells]]), new PointList([.. of.Y.Span[..cells]]));
        EachCheckIsNeeded(ShuffleStatement.Checks, statement,
            ("PRT-CRY-0101", statement with { Inputs = First(statement.Inputs, 2, 2), Outputs = First(statement.Outputs, 2, 2) }),
            ("PRT-CRY-0102", statement with { Outputs = First(statement.Outputs, 2, 1) }),
            ("PRT-CRY-0103", statement with { Outputs = larger.Statement.Outputs }),
            ("PRT-CRY-0104", statement with { Key = Point.Identity }));
        Assert.All(ShuffleProtocol.All, protocol => Assert.Equal("PRT-CRY-0104",
            protocol.Refusal(statement with { Key = Point.Identity }, [], SystemRandom.Instance, OneCore.Instance)));
    }

    [Fact]
    public void Every_permutation_is_drawn_equally_often()
    {
        var (random, counts) = (new SeededRandom(11), new Dictionary<string, int>());
        var inputs = new Ciphertexts(1, new PointList(Point.Base, Point.Base, Point.Base), new PointList(Point.Base, Point.Base, Point.Base));
        for (var i = 0; i < 240; i++)
        {
            using var mix = Mix.Of(inputs, Point.Base, random, OneCore.Instance);
            var permutation = $"{mix[0]}{mix[1]}{mix[2]}";
            counts[permutation] = counts.GetValueOrDefault(permutation) + 1;
        }
        Assert.Equal(["012", "021", "102", "120", "201", "210"], counts.Keys.Order());
        Assert.All(counts.Values, static count => Assert.InRange(count, 15, 75));
    }

    [Fact]
    public void Ciphertexts_have_one_form()
    {
        using var shuffled = new Shuffled(3, 2);
        var encoded = shuffled.Statement.Inputs.Encode();
        Assert.True(Ciphertexts.TryDecode(encoded, OneCore.Instance, out var decoded));
        Assert.Equal(encoded, decoded.Encode());
        Assert.Equal(shuffled.Statement.Inputs.Root(), decoded.Root());
        Assert.False(Ciphertexts.TryDecode(encoded.AsSpan(1), OneCore.Instance, out _));
        Assert.False(Ciphertexts.TryDecode([.. encoded, 0], OneCore.Instance, out _));
        Assert.False(Ciphertexts.TryDecode(new byte[8], OneCore.Instance, out _));
        // Rows and width whose product wraps around in 32 bits, or in 64 together with the size of a cell.
        foreach (var (rows, width) in new[] { (0x80000000u, 2u), (uint.MaxValue, uint.MaxValue), (0x10000u, 0x10000u), (0u, 3u), (3u, 0u) })
        {
            byte[] changed = [.. BitConverter.GetBytes(rows), .. BitConverter.GetBytes(width), .. encoded.AsSpan(8)];
            Assert.False(Ciphertexts.TryDecode(changed, OneCore.Instance, out _));
        }
    }

    internal static Ciphertexts Changed(Ciphertexts of, int cell, Point x, Point y)
    {
        var (xs, ys) = (of.X.Span.ToArray(), of.Y.Span.ToArray());
        (xs[cell], ys[cell]) = (xs[cell] + x, ys[cell] + y);
        return new Ciphertexts(of.Width, new PointList(xs), new PointList(ys));
    }

    private static ShuffleProtocol ProtocolOf(string name) => ShuffleProtocol.All.Single(protocol => protocol.Name == name);

    /// <summary>A shuffle under a key whose secret is at hand.</summary>
    internal sealed class Shuffled : IDisposable
    {
        private readonly Scalar _secret = Scalar.Random(SystemRandom.Instance);

        public Shuffled(int rows, int width)
        {
            var key = Point.MultiplyBase(_secret);
            Scalar[] nonces = [.. Enumerable.Range(0, rows * width).Select(_ => Scalar.Random(SystemRandom.Instance))];
            var inputs = new Ciphertexts(width, new PointList([.. nonces.Select(Point.MultiplyBase)]),
                new PointList([.. nonces.Select((r, i) => r * key + Point.MultiplyBase(Scalar.FromInteger((ulong)i)))]));
            Mix = Mix.Of(inputs, key, SystemRandom.Instance, OneCore.Instance);
            Statement = new ShuffleStatement(Context, key, inputs, Mix.Outputs);
        }

        public ShuffleStatement Statement { get; }
        public Mix Mix { get; }

        /// <summary>Each row's plaintexts.</summary>
        public IEnumerable<string> Plaintexts(Ciphertexts of) => of.X.Span.ToArray().Zip(of.Y.Span.ToArray(), (x, y) => $"{y - _secret * x}")
            .Chunk(of.Width).Select(static row => string.Concat(row));

        public void Dispose() => Mix.Dispose();
    }
}
