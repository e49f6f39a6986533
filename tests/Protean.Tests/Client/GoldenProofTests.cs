using System.Collections.Concurrent;
using Protean.Client.Proof;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Tests.Tidy;
using Protean.Wasm;
using Xunit;

namespace Protean.Tests.Client;

/// <summary>A proof that `protean demo lottery` wrote once, on real nodes: later versions verify it, and no part of it can be
/// changed.</summary>
public sealed class GoldenProofTests(ITestOutputHelper output) : IDisposable
{
    /// <summary>Set to 1 to change every byte of the golden proof, which takes some ten minutes, instead of one in
    /// <see cref="Stride"/>.</summary>
    private const string ExhaustiveVariable = "PROTEAN_EXHAUSTIVE";

    private const int Stride = 251;

    private readonly ThreadLocal<WasmEngine> _engines = new(static () => new WasmEngine(), trackAllValues: true);

    public void Dispose()
    {
        foreach (var engine in _engines.Values) engine.Dispose();
        _engines.Dispose();
    }

    [Fact]
    public void A_proof_of_an_earlier_version_still_verifies()
    {
        var report = Verify(GoldenProof.Bytes);
        Assert.True(report.Holds, string.Join('\n', report.ToText()));
        Assert.Equal(GoldenProof.Bytes, Canonical.Encode(Canonical.Decode<ProofFile>(GoldenProof.Bytes)));
    }

    [Fact]
    public void No_field_of_a_proof_can_be_changed() => AllRefused(
        FieldChanges.Of(Canonical.Decode<ProofFile>(GoldenProof.Bytes))
            .Select(static change => (change.Path, Canonical.Encode((ProofFile)change.Changed))));

    [Fact]
    public void No_byte_of_a_proof_can_be_changed()
    {
        var stride = Environment.GetEnvironmentVariable(ExhaustiveVariable) == "1" ? 1 : Stride;
        var first = Random.Shared.Next(stride);
        AllRefused(Enumerable.Range(0, (GoldenProof.Bytes.Length - first + stride - 1) / stride).Select(i =>
        {
            var (at, changed) = (first + (i * stride), GoldenProof.Bytes.ToArray());
            changed[at] ^= (byte)(1 << (at % 8));
            return ($"byte {at}", changed);
        }));
    }

    [Fact]
    public void No_beginning_of_a_proof_is_a_proof() => AllRefused(Enumerable.Range(0, GoldenProof.Bytes.Length / Stride).Select(static i =>
        ($"the first {i * Stride} bytes", GoldenProof.Bytes[..(i * Stride)])));

    private ProofReport Verify(byte[] bytes) => ProofVerifier.Verify(bytes, GoldenProof.Network, _engines.Value!);

    private void AllRefused(IEnumerable<(string Change, byte[] Bytes)> changes)
    {
        var (wrong, codes) = (new ConcurrentBag<string>(), new ConcurrentBag<string>());
        Parallel.ForEach(changes, change =>
        {
            try
            {
                var code = Verify(change.Bytes).Failed?.Code;
                if (code is not null && ProofVerifier.Codes.Contains(code)) codes.Add(code);
                else wrong.Add($"{change.Change}: accepted");
            }
            // Whatever stands in a file, the answer is a verdict.
            catch (Exception fault)
            {
                wrong.Add($"{change.Change}: {fault}");
            }
        });
        foreach (var code in codes.CountBy(static code => code).OrderBy(static code => code.Key, StringComparer.Ordinal))
            output.WriteLine($"{code.Key}: {code.Value}");
        Assert.True(wrong.IsEmpty, string.Join('\n', wrong.Take(5)));
        Assert.NotEmpty(codes);
    }
}

/// <summary>The proof and the hash of its network.</summary>
internal static class GoldenProof
{
    private const string Folder = "tests/Protean.Tests/Client/golden/";

    public static byte[] Bytes { get; } = Repository.ReadBytes(Folder + "lottery-1.proof");
    public static Digest Network { get; } = Digest.FromHex(Repository.Read(Folder + "lottery-1.network").Trim());
}
