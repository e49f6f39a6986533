using System.Collections.Concurrent;
using Protean.Client.Proof;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Tests.Tidy;
using Protean.Wasm;
using Xunit;

namespace Protean.Tests.Client;

/// <summary>Proofs that were written once, on real nodes: lottery-1 by `protean demo lottery`, lottery-2 on a network that had gone through
/// epochs. Later versions verify them, and no part of them can be changed.</summary>
public sealed class GoldenProofTests(ITestOutputHelper output) : IDisposable
{
    /// <summary>Set to 1 to change every byte of the golden proofs, which takes some twenty minutes, instead of one in
    /// <see cref="Stride"/>.</summary>
    private const string ExhaustiveVariable = "PROTEAN_EXHAUSTIVE";

    private const int Stride = 251;

    private readonly ThreadLocal<WasmEngine> _engines = new(static () => new WasmEngine(), trackAllValues: true);

    public void Dispose()
    {
        foreach (var engine in _engines.Values) engine.Dispose();
        _engines.Dispose();
    }

    public static TheoryData<string> Names => [.. GoldenProof.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_proof_of_an_earlier_version_still_verifies(string name)
    {
        var golden = GoldenProof.All[name];
        var report = Verify(golden, golden.Bytes);
        Assert.True(report.Holds, string.Join('\n', report.ToText()));
        Assert.Equal(golden.Bytes, Canonical.Encode(Canonical.Decode<ProofFile>(golden.Bytes)));
    }

    [Fact]
    public void One_of_them_shows_the_links_of_the_epochs_that_its_run_went_through() =>
        Assert.NotEmpty(Canonical.Decode<ProofFile>(GoldenProof.All["lottery-2"].Bytes).Epochs);

    [Fact]
    public void No_field_of_a_proof_can_be_changed() => AllRefused(GoldenProof.First, ChangesOf(GoldenProof.First, ""));

    [Fact]
    public void No_field_of_an_epoch_in_a_proof_can_be_changed() =>
        AllRefused(GoldenProof.All["lottery-2"], ChangesOf(GoldenProof.All["lottery-2"], ".Epochs"));

    [Theory]
    [MemberData(nameof(Names))]
    public void No_byte_of_a_proof_can_be_changed(string name)
    {
        var golden = GoldenProof.All[name];
        var stride = Environment.GetEnvironmentVariable(ExhaustiveVariable) == "1" ? 1 : golden == GoldenProof.First ? Stride : 4 * Stride;
        var first = Random.Shared.Next(stride);
        AllRefused(golden, Enumerable.Range(0, (golden.Bytes.Length - first + stride - 1) / stride).Select(i =>
        {
            var (at, changed) = (first + (i * stride), golden.Bytes.ToArray());
            changed[at] ^= (byte)(1 << (at % 8));
            return ($"byte {at}", changed);
        }));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void No_beginning_of_a_proof_is_a_proof(string name)
    {
        var golden = GoldenProof.All[name];
        AllRefused(golden, Enumerable.Range(0, golden.Bytes.Length / Stride).Select(i =>
            ($"the first {i * Stride} bytes", golden.Bytes[..(i * Stride)])));
    }

    private static IEnumerable<(string Change, byte[] Bytes)> ChangesOf(GoldenProof golden, string beginning) =>
        from change in FieldChanges.Of(Canonical.Decode<ProofFile>(golden.Bytes))
        where change.Path.StartsWith(beginning, StringComparison.Ordinal)
        select (change.Path, Canonical.Encode((ProofFile)change.Changed));

    private ProofReport Verify(GoldenProof golden, byte[] bytes) => ProofVerifier.Verify(bytes, golden.Network, _engines.Value!);

    private void AllRefused(GoldenProof golden, IEnumerable<(string Change, byte[] Bytes)> changes)
    {
        var (wrong, codes) = (new ConcurrentBag<string>(), new ConcurrentBag<string>());
        Parallel.ForEach(changes, change =>
        {
            try
            {
                var code = Verify(golden, change.Bytes).Failed?.Code;
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

/// <summary>A proof and the hash of its network.</summary>
internal sealed record GoldenProof(byte[] Bytes, Digest Network)
{
    private const string Folder = "tests/Protean.Tests/Client/golden/";

    public static SortedDictionary<string, GoldenProof> All { get; } = new(StringComparer.Ordinal)
    {
        ["lottery-1"] = Read("lottery-1"),
        ["lottery-2"] = Read("lottery-2"),
    };

    public static GoldenProof First => All["lottery-1"];

    private static GoldenProof Read(string name) =>
        new(Repository.ReadBytes($"{Folder}{name}.proof"), Digest.FromHex(Repository.Read($"{Folder}{name}.network").Trim()));
}
