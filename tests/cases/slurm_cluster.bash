# shellcheck shell=bash
# cluster.bash - a Slurm cluster for a test: one slurmctld and N slurmd, each in a network and UTS namespace of
# its own, 198.18.0.1 the controller's, 198.18.0.11, .12, ... the nodes n1, n2, ...  All of it lives in a mount, PID and
# network namespace that goes with the test, killed or not: nothing is left, and nothing of this host is changed.
#
#   . tests/cases/slurm_cluster.bash; cluster_up 4      as root; the script starts again inside
#   on n2 COMMAND...     runs on a node          srun, sbatch, scancel: run as on ctl
#   sysctl_on n2 ipv4.ip_local_port_range '40000 40099'
#
# slurmd dies where /sys/fs/cgroup is hidden, so /sys stays as it is (ip netns exec would mount another).

need slurmctld slurmd srun sbatch scancel munged ip nsenter setpriv

# Starts this script again in namespaces that end with it.
cluster_inside() {
	[ "$(id -u)" = 0 ] || skip "a Slurm cluster of our own needs root"
	[ -n "${IN_CLUSTER:-}" ] ||
		IN_CLUSTER=1 exec unshare --mount --net --pid --fork --kill-child --mount-proc --uts "$BASH" "$0" "$@"
}

declare -A node_pid=()
RUN=/run/twslab

# A namespace with a name: its holder is a process that sleeps.
new_node() {
	local name=$1 address=$2 number=$3
	unshare --net --uts sleep infinity &
	node_pid[$name]=$!
	until [ "$(readlink /proc/$!/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do
		sleep 0.02
	done
	ip link add "p$number" type veth peer name eth0 netns "${node_pid[$name]}"
	ip link set "p$number" master br0 up
	on "$name" hostname "$name"
	on "$name" ip address add "$address/24" dev eth0
	on "$name" ip link set eth0 up
	on "$name" ip link set lo up
}

on() {
	local pid=${node_pid[$1]}
	shift
	nsenter -t "$pid" -n -u -- "$@"
}

sysctl_on() {
	# shellcheck disable=SC2016 # expanded by the inner shell
	on "$1" sh -c 'echo "$2" >"/proc/sys/net/$1"' - "${2//.//}" "$3" || fail "cannot set $2 on $1"
}

write_conf() {
	local i
	cat <<CONF
ClusterName=twslab
SlurmctldHost=ctl(198.18.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$RUN/munge/sock
CredType=cred/munge
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
SelectType=select/linear
SchedulerType=sched/backfill
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
ReturnToService=2
SlurmdTimeout=30
KillWait=5
InactiveLimit=0
StateSaveLocation=$RUN/state
SlurmdSpoolDir=$RUN/spool/%n
SlurmctldPidFile=$RUN/slurmctld.pid
SlurmdPidFile=$RUN/slurmd.%n.pid
SlurmctldLogFile=$RUN/slurmctld.log
SlurmdLogFile=$RUN/slurmd.%n.log
SlurmdParameters=config_overrides
CONF
	for ((i = 1; i <= $1; i++)); do
		echo "NodeName=n$i NodeAddr=198.18.0.1$i CPUs=2 RealMemory=500 State=UNKNOWN"
	done
	echo "PartitionName=lab Nodes=n[1-$1] Default=YES MaxTime=10:00 OverSubscribe=EXCLUSIVE State=UP"
}

all_idle() {
	[ "$(sinfo -h -N -o %t 2>/dev/null | grep -c '^idle$')" = "$1" ]
}

cluster_up() {
	local n=$1 i
	mount -t tmpfs none /run
	mkdir -p $RUN/state $RUN/munge $RUN/spool
	hostname ctl
	ip link set lo up
	ip link add br0 type bridge
	ip address add 198.18.0.1/24 dev br0
	ip link set br0 up
	{
		echo "127.0.0.1 localhost"
		echo "198.18.0.1 ctl"
		for ((i = 1; i <= n; i++)); do
			echo "198.18.0.1$i n$i"
		done
	} >$RUN/hosts
	mount --bind $RUN/hosts /etc/hosts
	for ((i = 1; i <= n; i++)); do
		mkdir $RUN/spool/n$i
		new_node n$i 198.18.0.1$i $i
	done
	chown munge $RUN/munge
	(umask 077 && head -c 128 /dev/urandom >$RUN/munge/key && chown munge $RUN/munge/key)
	setpriv --reuid=munge --regid=munge --clear-groups munged --force --key-file=$RUN/munge/key --socket=$RUN/munge/sock \
		--pid-file=$RUN/munge/pid --log-file=$RUN/munge/log --seed-file=$RUN/munge/seed || fail "munged: $(cat $RUN/munge/log)"
	export SLURM_CONF=$RUN/slurm.conf
	write_conf "$n" >$SLURM_CONF
	slurmctld -f $SLURM_CONF || fail "slurmctld: $(tail -3 $RUN/slurmctld.log)"
	for ((i = 1; i <= n; i++)); do
		on n$i slurmd -f $SLURM_CONF -N n$i || fail "slurmd: $(tail -3 $RUN/slurmd.n$i.log)"
	done
	wait_until 20 all_idle "$n" || fail "the nodes are not idle: $(sinfo -N 2>&1; tail -5 $RUN/*.log)"
}
