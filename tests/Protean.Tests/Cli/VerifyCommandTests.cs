using System.Text.Json;
using Protean.Cli;
using Protean.Client.Proof;
using Protean.Cryptography;
using Protean.Tests.Client;
using Xunit;

namespace Protean.Tests.Cli;

/// <summary>`protean verify`, as typed.</summary>
public sealed class VerifyCommandTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public async Task A_good_proof_holds()
    {
        var (exit, output, _) = await Verify(GoldenProof.First.Bytes, GoldenProof.First.Network);
        Assert.Equal(0, exit);
        Assert.Contains($"the proof holds on network {GoldenProof.First.Network}", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_damaged_proof_is_refused_by_the_first_check_that_fails()
    {
        var changed = GoldenProof.First.Bytes.ToArray();
        changed[^1] ^= 1;
        var (exit, output, _) = await Verify(changed, GoldenProof.First.Network);
        Assert.Equal(1, exit);
        Assert.Contains("REFUSED  PRT-PRF-0023", output, StringComparison.Ordinal);
        Assert.Contains("the proof does not hold: PRT-PRF-0023", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_networks_proof_is_refused()
    {
        var (exit, output, _) = await Verify(GoldenProof.First.Bytes, Hash.H("test/network", []));
        Assert.Equal(1, exit);
        Assert.Contains("the proof does not hold: PRT-PRF-0002", output, StringComparison.Ordinal);
    }

    public static TheoryData<string> NoProofs => ["nothing", "text", "half", "more", "huge"];

    [Theory]
    [MemberData(nameof(NoProofs))]
    public async Task What_is_no_proof_is_refused_by_its_form(string what)
    {
        byte[] bytes = what switch
        {
            "nothing" => [],
            "text" => "This is a letter."u8.ToArray(),
            "half" => GoldenProof.First.Bytes[..(GoldenProof.First.Bytes.Length / 2)],
            "more" => [.. GoldenProof.First.Bytes, 0],
            _ => new byte[Limits.MaxProofFile + 2],
        };
        var (exit, output, error) = await Verify(bytes, GoldenProof.First.Network, "--json");
        Assert.Equal(1, exit);
        var answer = JsonDocument.Parse(output).RootElement;
        Assert.False(answer.GetProperty("holds").GetBoolean());
        Assert.Equal(ProofVerifier.Form, answer.GetProperty("failed").GetString());
        Assert.DoesNotContain("PRT-CMD-0099", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_file_and_a_hash_that_is_none_are_refused_with_their_codes()
    {
        var (exit, output, error) = await Run("verify", _file + "-missing", "--network", GoldenProof.First.Network.ToString());
        Assert.Equal(1, exit);
        Assert.Contains("PRT-CMD-0001", output + error, StringComparison.Ordinal);
        (exit, output, error) = await Run("verify", _file, "--network", "mine");
        Assert.Equal(1, exit);
        Assert.Contains("PRT-CMD-0002", output + error, StringComparison.Ordinal);
    }

    private async Task<(int Exit, string Output, string Error)> Verify(byte[] proof, Digest network, params string[] options)
    {
        await File.WriteAllBytesAsync(_file, proof, TestContext.Current.CancellationToken);
        return await Run(["verify", _file, "--network", network.ToString(), .. options]);
    }

    private static async Task<(int Exit, string Output, string Error)> Run(params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var exit = await CommandLine.Run(arguments, output, error, TestContext.Current.CancellationToken);
        return (exit, output.ToString(), error.ToString());
    }
}
