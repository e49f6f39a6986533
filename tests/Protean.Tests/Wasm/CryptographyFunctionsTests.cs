using Protean.Cryptography;
using Protean.Tests.Contracts;
using Protean.Units.Execution;
using Xunit;

namespace Protean.Tests.Wasm;

public sealed class CryptographyFunctionsTests : ContractFixture
{
    private static readonly byte[] Wide = Hash.Sha512("wide"u8);
    private static readonly Scalar Three = Scalar.FromInteger(3);
    private static readonly Point P = Point.FromUniform(Wide);
    private static readonly Point Q = Point.MultiplyBase(Three);

    [Fact]
    public void Hashes_are_those_of_the_platform()
    {
        byte[] wide = [.. "wide"u8];
        Assert.Equal(Hash.Sha256(wide).ToArray(), Run("(call $sha256 (i32.const 4096) (i32.const 4) (i32.const 0))", 32, wide));
        Assert.Equal(Wide, Run("(call $sha512 (i32.const 4096) (i32.const 4) (i32.const 0))", 64, wide));
        Assert.Equal(Hash.Blake2b(wide).ToArray(), Run("(call $blake2b256 (i32.const 4096) (i32.const 4) (i32.const 0))", 32, wide));
    }

    [Fact]
    public void A_signature_verifies_on_its_message_only()
    {
        using var key = SigningKey.FromSeed(Wide.AsSpan(0, SigningKey.SeedSize));
        const string verify =
            "(i32.store8 (i32.const 0) (call $ed25519_verify (i32.const 4096) (i32.const 4192) (i32.const 5) (i32.const 4128)))";
        byte[] input = [.. key.PublicKey.Span, .. key.Sign("hello"u8).Span, .. "hello"u8];
        Assert.Equal([1], Run(verify, 1, input));
        input[^1] ^= 1;
        Assert.Equal([0], Run(verify, 1, input));
    }

    [Fact]
    public void The_group_is_ristretto255()
    {
        Assert.Equal((P + Q).ToArray(), Run(Checked("ristretto255_add", 4096, 4128), 32, [.. P.Span, .. Q.Span]));
        Assert.Equal((P - Q).ToArray(), Run(Checked("ristretto255_subtract", 4096, 4128), 32, [.. P.Span, .. Q.Span]));
        Assert.Equal((Three * P).ToArray(), Run(Checked("ristretto255_multiply", 4096, 4128), 32, [.. Three.Span, .. P.Span]));
        Assert.Equal(Q.ToArray(), Run(Checked("ristretto255_multiply_base", 4096), 32, Three.ToArray()));
        Assert.Equal(P.ToArray(), Run("(call $ristretto255_from_hash (i32.const 4096) (i32.const 0))", 32, Wide));
        Assert.Equal(Scalar.Reduce(Wide).ToArray(), Run("(call $ristretto255_reduce (i32.const 4096) (i32.const 0))", 32, Wide));
    }

    [Fact]
    public void A_result_that_is_the_identity_is_an_ordinary_value()
    {
        Assert.Equal(new byte[32], Run(Checked("ristretto255_subtract", 4096, 4128), 32, [.. P.Span, .. P.Span]));
        Assert.Equal(new byte[32], Run(Checked("ristretto255_multiply", 4096, 4128), 32, [.. Scalar.Zero.Span, .. P.Span]));
    }

    [Fact]
    public void What_is_no_point_or_no_canonical_scalar_gives_zero()
    {
        var bad = Enumerable.Repeat((byte)0xff, 32).ToArray();
        foreach (var (call, input) in new (string, byte[])[]
        {
            (Checked("ristretto255_add", 4096, 4128), [.. bad, .. P.Span]),
            (Checked("ristretto255_subtract", 4096, 4128), [.. P.Span, .. bad]),
            (Checked("ristretto255_multiply", 4096, 4128), [.. bad, .. P.Span]),
            (Checked("ristretto255_multiply_base", 4096), bad),
        })
            Trapped(TrapReason.Unreachable, World.Call(World.Publish(Modules.Contract(call)), Caller.None, input));
    }

    private static string Checked(string function, params int[] arguments) =>
        $"(if (i32.eqz (call ${function} {string.Join(' ', arguments.Select(a => $"(i32.const {a})"))} (i32.const 0))) (then unreachable))";

    private byte[] Run(string body, int outputLength, byte[] input)
    {
        var contract = World.Publish(Modules.Contract($"{body} (call $output (i32.const 0) (i32.const {outputLength}))"));
        return Completed(World.Call(contract, Caller.None, input)).Output.ToArray();
    }
}
