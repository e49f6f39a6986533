using Protean.Client;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Units.PrivateStorage;
using Protean.Workflows;
using Xunit;

namespace Protean.Tests.EndToEnd;

/// <summary>Secrets in a private-storage unit of real nodes.</summary>
[Collection(OnALiveNetwork.Name)]
public sealed class VaultTests(LiveNetwork live) : LiveTests(live)
{
    private const string Text = """
        name: sealed
        params: {release: u64}
        workflows:
          commit:
            client: {secret: {type: bytes, max: 4096}}
            steps:
              - id: write
                run: private-storage.write
                auth: client
                scope: client
                with: {secret: "${client.secret}"}
          open:
            steps:
              - id: reveal
                run: private-storage.reveal
                auth: anyone
                scope: instance
                with: {release: "${params.release}"}
                when: {after: {time: "${params.release}", on: private-storage}}
        """;

    [Fact]
    public async Task A_secret_is_read_by_whom_its_owner_lets_and_by_nobody_after_that()
    {
        var users = Live.Users(3);
        var (alice, bob, carol) = (await Open(users[0]), await Open(users[1]), await Open(users[2]));
        var policy = await alice.CreatePolicy(PolicyExpression.OfKeys(users[1].Identity.PublicKey), Cancel);
        var secret = await alice.Put("the plan"u8.ToArray(), policy.Id, note: "plans", cancel: Cancel);

        Assert.Equal("the plan"u8.ToArray(), await bob.Get(secret, cancel: Cancel));
        await Refused("PRT-PST-0036", () => carol.Get(secret, cancel: Cancel));
        await alice.Grant(policy.Id, PolicyExpression.OfKeys(users[2].Identity.PublicKey), Cancel);
        Assert.Equal("the plan"u8.ToArray(), await carol.Get(secret, cancel: Cancel));
        await Refused("PRT-PST-0043", () => bob.Revoke(policy.Id, users[2].Identity.PublicKey, Cancel));
        await alice.Revoke(policy.Id, users[1].Identity.PublicKey, Cancel);
        await Refused("PRT-PST-0036", () => bob.Get(secret, cancel: Cancel));
        await Refused("PRT-CLI-0060", () => bob.Get(Digest.Zero, cancel: Cancel));

        Assert.Equal(2ul, (await alice.FindPolicy(policy.Id, Cancel)).Version);
        Assert.Equal("plans", (await alice.FindSecret(secret, Cancel)).Label.Note.ToText());
    }

    [Fact]
    public async Task Two_of_three_read_together()
    {
        var users = Live.Users(3);
        var (alice, bob) = (await Open(users[0]), await Open(users[1]));
        PolicyExpression[] three = [.. users.Select(static user => new PolicyExpression.Key(user.Identity.PublicKey))];
        var policy = await alice.CreatePolicy(new PolicyExpression.Threshold(2, three), Cancel);
        var secret = await alice.Put("ours"u8.ToArray(), policy.Id, cancel: Cancel);
        await Refused("PRT-PST-0036", () => bob.Get(secret, cancel: Cancel));
        Assert.Equal("ours"u8.ToArray(), await bob.Get(secret, [users[2].Identity], Cancel));
    }

    [Fact]
    public async Task What_participants_committed_to_is_opened_together_when_due_and_not_before()
    {
        var users = Live.Users(2);
        var alice = await Open(users[0]);
        var policy = await alice.CreatePolicy(PolicyExpression.OfKeys(users[0].Identity.PublicKey), Cancel);
        var release = (await Live.Network.Head(alice.Unit.UnitId, cancel: Cancel)).Header.TimeMs + (ulong)(8 * Live.Pace).TotalMilliseconds + 4000;
        var workflows = await Live.Deploy(Text);
        var instance = await LiveNetwork.Instantiate(users[0], "sealed", workflows, new NamedValue("release", Values.OfU64(release)));
        foreach (var (user, word) in users.Zip(["first", "second"]))
        {
            var vault = await Open(user);
            var secret = vault.Seal(System.Text.Encoding.UTF8.GetBytes(word), policy.Id, release, instance.Id);
            (await user.Run(instance, "commit", [new NamedValue("secret", Bytes.Wrap(Canonical.Encode(secret)))], cancel: Cancel)).RequireSuccess();
            await Refused("PRT-PST-0033", () => vault.Get(secret.Id, cancel: Cancel));
        }
        var opened = (await users[1].Run(instance, "open", [], cancel: Cancel)).RequireSuccess().Find("reveal")!.Result;
        Assert.True(opened.Receipt.Header.TimeMs >= release);
        Assert.Equal(["first", "second"], Values.ReadEntries(opened.Output("opened").Span).Select(static one => one.Value.ToText()));
    }

    private static Task<Vault> Open(Session user) => Vault.Open(user, cancel: Cancel);

    // Refused, or sealed as a failure.
    private static async Task Refused(string code, Func<Task> deed)
    {
        var refused = (await Assert.ThrowsAsync<RefusedException>(deed)).Refusal;
        Assert.Contains(code, refused.ToString(), StringComparison.Ordinal);
    }
}
