using Protean.Fuzz;
using Xunit;

namespace Protean.Tests.Fuzz;

/// <summary>What decoders promise for any bytes: they are refused in the decoder's way or are a value's only form, within a second and a
/// bound of memory.</summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int MutatedInputs = 200;

    public static TheoryData<string> Names => [.. Targets.All.Select(static target => target.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_input_ever_kept_is_read_as_promised_and_one_of_them_is_good(string name)
    {
        var target = Targets.Find(name)!;
        Assert.Contains(Corpus.Of(target).Select(target.Try).ToArray(), static accepted => accepted);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Changed_inputs_are_read_as_promised(string name)
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"seed {seed}: {Campaign.Of(Targets.Find(name)!, seed, MutatedInputs)}");
    }

    [Fact]
    public void A_decoder_that_breaks_the_promise_is_caught()
    {
        FuzzTarget[] broken =
        [
            new("throws", 1, static input => input[100] == 0),
            new("takes memory", 1, static _ => new byte[2 << 20].Length > 0),
        ];
        Assert.All(broken, static target => Assert.Throws<BrokenLawException>(() => target.Try([1])));
    }
}
